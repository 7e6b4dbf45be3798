package dev.lathe.decode.speculative;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.model.LanguageModel;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Decoding that plans each step from what it has measured: which draft to ask, how deep and how wide to draft, or not
 * to draft at all. Exact, so that no measurement can change a text. What was measured is lent to the next generation of
 * the same model; it is all that ever changes in this object.
 */
final class PlannedDecoding implements Decoding {
    private final String name;
    private final List<Draft> drafts;
    private final int mostLevels;
    private final int width;
    private final AtomicReference<PlannerMemory> lastMemory = new AtomicReference<>();

    PlannedDecoding(String name, List<Draft> drafts, int mostLevels, int width) {
        if (drafts.isEmpty()) {
            throw new IllegalArgumentException("there is no draft to plan with: give one, or decode autoregressively");
        }
        this.name = name;
        this.drafts = List.copyOf(drafts);
        this.mostLevels = mostLevels;
        this.width = width;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void check(LanguageModel model, Sampler sampler) {
        drafts.forEach(draft -> draft.check(model));
    }

    @Override
    public Run start(DecodingContext context) {
        PlannerMemory memory = lastMemory.getAndSet(null);
        if (memory == null || !memory.isOf(context.model())) {
            memory = new PlannerMemory(context.model(), drafts.size());
        }
        TreeGrower grower = new PlannedGrower(context, drafts, mostLevels, width, memory, lastMemory::set);
        String draftNames = String.join(", ", drafts.stream().map(Draft::name).toList());
        return new DraftingRun(name, draftNames, context, grower, new SamplerMatch(context));
    }

    @Override
    public String toString() {
        return name + drafts;
    }
}
