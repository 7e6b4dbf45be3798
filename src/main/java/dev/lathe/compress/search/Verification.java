package dev.lathe.compress.search;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.quantize.Mix;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.SearchResult.Candidate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Applies recipes, all with numbers chosen by the same methods, and measures each on texts that took no part in anything.
 */
final class Verification {
    /** How the numbers of types are chosen. */
    static final UnaryOperator<Quantize> METHOD = Quantize::gptq;

    private static final String STEP = "search: verify";
    private static final int ROWS = 2048;
    private static final int CLIPPED = 2; // of the best, measured with clipping too
    private static final int MIXES = 3; // several have the same size
    private static final Comparator<Measured> LEAST = Comparator.comparingDouble(Measured::divergence);

    private final ModelEdit model;
    private final CalibrationSplit texts;
    private final TransformContext fitting;
    private final DivergenceMeter meter;

    /**
     * A verification.
     *
     * @param fitting with the texts that recipes may be fitted to
     */
    Verification(ModelEdit model, CalibrationSplit texts, TransformContext fitting) throws IOException {
        this.model = model;
        this.texts = texts;
        this.fitting = fitting;
        meter = new DivergenceMeter(model, texts.heldOut(), ROWS, fitting.workers());
    }

    /**
     * What was found.
     *
     * @param best the recipe, with its method
     * @param divergence as measured
     * @param notes what each did
     */
    record Verdict(Candidate best, double divergence, List<String> notes) {}

    /** What was measured of a finalist. */
    private record Measured(Finalist finalist, double divergence) {}

    /** Measures all with GPTQ, and the best of these with clipping too. */
    Verdict of(List<Finalist> all) throws IOException {
        Map<String, Finalist> finalists = new LinkedHashMap<>(); // the same recipe counts once
        all.forEach(one -> finalists.putIfAbsent(one.candidate().recipe().toString(), one));
        List<Measured> measured = new ArrayList<>();
        int parts = finalists.size() + Math.min(CLIPPED, finalists.size());
        for (Finalist finalist : finalists.values()) {
            measured.add(measure(finalist.encodedBy(METHOD)));
            fitting.done(STEP, measured.size(), parts);
        }
        List<Measured> best = measured.stream().sorted(LEAST).limit(CLIPPED).toList();
        for (Measured one : best) {
            Finalist finalist = one.finalist();
            measured.add(measure(
                    new Finalist(finalist.name() + ", clipped", finalist.candidate()).encodedBy(Quantize::clipped)));
            fitting.done(STEP, measured.size(), parts);
        }
        Measured winner = measured.stream().min(LEAST).orElseThrow();
        return new Verdict(
                winner.finalist().candidate(),
                winner.divergence(),
                measured.stream().map(Verification::note).toList());
    }

    private Measured measure(Finalist finalist) throws IOException {
        ModelEdit edit = new ModelEdit(model);
        finalist.candidate().recipe().apply(edit, fitting);
        return new Measured(finalist, meter.ofModel(edit, texts.heldOut()));
    }

    private static String note(Measured one) {
        Candidate candidate = one.finalist().candidate();
        return String.format(
                Locale.ROOT,
                "%s: %,d bytes, %.5f nats a token, expected %.5f: %s",
                one.finalist().name(),
                candidate.bytes(),
                one.divergence(),
                candidate.divergence(),
                candidate.recipe());
    }

    /** The named mixes of most bytes that fit a budget of bytes alone; what they cost besides is not known before. */
    static List<Candidate> largestMixes(ModelEdit model, Budget budget) {
        if (budget.bytes().isEmpty() || budget.speedup().isPresent()) {
            return List.of();
        }
        return Arrays.stream(Mix.values())
                .map(Quantize::mix)
                .map(mix -> new Candidate(
                        Recipe.of(mix), METHOD.apply(mix).plan(model).byteCount(), Double.NaN, Double.NaN))
                .filter(mix -> mix.bytes() <= budget.bytes().getAsLong())
                .sorted(Comparator.comparingLong(Candidate::bytes).reversed())
                .limit(MIXES)
                .toList();
    }
}
