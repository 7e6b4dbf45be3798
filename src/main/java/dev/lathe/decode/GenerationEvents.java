package dev.lathe.decode;

import java.util.function.Supplier;

/** What flight recordings are told of one generation. Without a recording nothing is computed for them. */
final class GenerationEvents {
    private final GenerationEvent generation = new GenerationEvent();
    private final ConstraintEvent constraint = new ConstraintEvent();

    /** What the masks of the generation's constraint are asked through. */
    ConstraintEvent constraint() {
        return constraint;
    }

    /** The generation begins with its prompt. */
    PromptEvent begin() {
        generation.begin();
        PromptEvent prompt = new PromptEvent();
        prompt.begin();
        return prompt;
    }

    /** The generation has ended; asks for its statistics only if a recording wants them. */
    void end(Supplier<GenerationStatistics> statistics, ConstrainedText text) {
        generation.end();
        if (generation.shouldCommit()) {
            generation.report(statistics.get());
        }
        SpeculationEvent speculation = new SpeculationEvent();
        if (speculation.shouldCommit()) {
            DecodingStatistics decoding = statistics.get().decoding();
            decoding.drafting().ifPresent(drafting -> speculation.report(decoding, drafting));
        }
        if (text.isConstrained() && constraint.shouldCommit()) {
            constraint.report(text.isComplete());
        }
    }
}
