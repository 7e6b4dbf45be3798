package dev.lathe.decode.speculative;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.Draft;
import dev.lathe.decode.DraftingStatistics;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.InterceptedModel;
import dev.lathe.decode.PlanStatistics;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyText;
import dev.lathe.decode.Uniforms;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the planner makes of machines and drafts, on a clock that the models' passes move. */
class PlannerTest {
    private static final int VOCABULARY = 12;
    private static final int CONTEXT = 500;
    private static final int TOKENS = 400;
    private static final ToyLanguageModel.Law LAW = ToyLanguageModel.Law.hashed(3, 4, 5);
    private static final ToyLanguageModel.Law OTHER_LAW = ToyLanguageModel.Law.hashed(2, 4, 6);

    private long nanos;
    private long calmNanos; // without disturbances
    private Uniforms disturbances; // or null

    /** A model whose passes take a time of their own, and more for each row. */
    private class TimedModel extends InterceptedModel {
        private final long passNanos;
        private final long rowNanos;

        TimedModel(ToyLanguageModel.Law law, long passNanos, long rowNanos) {
            super(new ToyLanguageModel(VOCABULARY, CONTEXT, law));
            this.passNanos = passNanos;
            this.rowNanos = rowNanos;
        }

        @Override
        protected FloatMatrix forward(InferenceState state, TokenBatch batch) {
            pass(batch.size() - batch.evaluatedRows());
            return state.forward(batch);
        }

        /** Takes its time. */
        void pass(int rows) {
            long calm = passNanos + rowNanos * rows;
            calmNanos += calm;
            nanos += calm;
            if (disturbances != null) {
                double chance = disturbances.at(nanos);
                boolean busyPhase = disturbances.at(nanos / 20_000_000) < 0.3; // 20 ms long
                nanos += (long) (calm * ((busyPhase ? 0.6 : 0) + 0.3 * chance)) + (chance > 0.98 ? 5_000_000 : 0);
            }
        }
    }

    private GenerationStatistics run(LanguageModel target, Decoding decoding) {
        return runToEnd(target, decoding).statistics();
    }

    private GenerationLoop runToEnd(LanguageModel target, Decoding decoding) {
        EvaluatedText text = new EvaluatedText(target.newState(CONTEXT, CacheType.F32), 64);
        GenerationOptions options = GenerationOptions.DEFAULT
                .decoding(decoding)
                .sampler(Sampler.temperature(0.3f).seed(1))
                .maxTokens(TOKENS);
        GenerationLoop loop = new GenerationLoop(
                target, text, new int[] {1, 2, 3}, options, ToyText.letters(VOCABULARY + 1), () -> nanos);
        List<Integer> ids = new ArrayList<>();
        for (Optional<Token> token = loop.next(); token.isPresent(); token = loop.next()) {
            ids.add(token.get().id());
        }
        assertEquals(TOKENS, ids.size());
        return loop;
    }

    private double speedup(LanguageModel target, Decoding decoding) {
        run(target, decoding); // what it measures is kept for the next generation
        return (double) run(target, Decoding.autoregressive()).decodeTime().toNanos()
                / run(target, decoding).decodeTime().toNanos();
    }

    @Test
    void aGoodDraftIsUsedWhereRowsAreCheap() {
        LanguageModel target = new TimedModel(LAW, 1_000_000, 20_000);
        Draft draft = Draft.model(new TimedModel(LAW, 50_000, 1_000));
        double speedup = speedup(target, Decoding.auto(draft));
        assertTrue(speedup > 4, "speedup " + speedup);
        GenerationStatistics statistics = run(target, Decoding.auto(draft));
        PlanStatistics plan =
                statistics.decoding().drafting().orElseThrow().plan().orElseThrow();
        assertTrue(plan.drafts().getFirst().worthwhile());
        assertEquals(50_000, plan.drafts().getFirst().levelTime().toNanos(), 5_000);
        assertEquals(1_020_000, plan.rowTimes().getFirst().toNanos(), 20_000);
    }

    @Test
    void whatAGenerationTellsStaysAsItWasWhenTheNextOneLearns() {
        LanguageModel target = new TimedModel(LAW, 1_000_000, 20_000);
        Decoding decoding = Decoding.auto(Draft.model(new TimedModel(LAW, 50_000, 1_000)));
        disturbances = new Uniforms(7);
        GenerationLoop ended = runToEnd(target, decoding);
        GenerationStatistics told = ended.statistics();
        disturbances = null; // so that the next one measures shorter times
        run(target, decoding);
        assertEquals(told, ended.statistics());
    }

    @Test
    void draftingIsTurnedOffWhereItLosesAndTheStatisticsSaySo() {
        Draft good = Draft.model(new TimedModel(LAW, 400_000, 1_000));
        LanguageModel noGain = new TimedModel(LAW, 0, 1_000_000); // each row costs a pass
        LanguageModel target = new TimedModel(LAW, 1_000_000, 20_000);
        Draft wrong = Draft.model(new TimedModel(OTHER_LAW, 400_000, 1_000));
        Draft slow = Draft.model(new TimedModel(LAW, 2_000_000, 1_000));
        record Case(LanguageModel target, Draft draft) {}
        for (Case losing : List.of(new Case(noGain, good), new Case(target, wrong), new Case(target, slow))) {
            Decoding auto = Decoding.auto(losing.draft());
            double speedup = speedup(losing.target(), auto);
            assertTrue(speedup > 0.93, "speedup " + speedup);
            DraftingStatistics drafting =
                    run(losing.target(), auto).decoding().drafting().orElseThrow();
            assertFalse(drafting.plan().orElseThrow().drafts().getFirst().worthwhile(), drafting.toString());
            assertTrue(drafting.plainSteps() > TOKENS * 0.9, "plain steps " + drafting.plainSteps());
        }
    }

    /** A row more makes a pass of sixteen texts hardly longer, but takes its time from the others. */
    @Test
    void draftingIsTurnedOffWhereOthersFillThePass() {
        class FullModel extends TimedModel {
            private static final int OTHERS = 15;
            private long ofOthers;

            FullModel() {
                super(LAW, 4_000_000, 1_000_000);
            }

            @Override
            void pass(int rows) {
                long begin = nanos;
                super.pass(rows + OTHERS);
                ofOthers += (nanos - begin) * OTHERS / (rows + OTHERS);
            }

            @Override
            protected long othersNanos() {
                return ofOthers;
            }
        }
        Draft draft = Draft.model(new TimedModel(OTHER_LAW, 10_000, 1_000));
        DraftingStatistics full =
                run(new FullModel(), Decoding.auto(draft)).decoding().drafting().orElseThrow();
        assertTrue(full.plainSteps() > TOKENS * 0.8, "plain steps " + full.plainSteps());
    }

    @Test
    void adaptiveLengthIsNotFarFromTheBestFixedOne() {
        LanguageModel target = new TimedModel(LAW, 1_000_000, 100_000);
        ToyLanguageModel.Law nearly = (path, row) -> {
            LAW.logits(path, row);
            row[path[path.length - 1] % VOCABULARY] += 3;
        };
        Draft draft = Draft.model(new TimedModel(nearly, 100_000, 1_000));
        double best = 0;
        for (int length = 1; length <= 8; length++) {
            best = Math.max(best, speedup(target, Decoding.speculative(draft).draftLength(length)));
        }
        double adaptive = speedup(target, Decoding.speculative(draft).adaptiveDraftLength(8));
        assertTrue(adaptive > 0.95 * best, adaptive + " and " + best);
        double planned = speedup(target, Decoding.auto(draft));
        assertTrue(planned > 0.95 * best, planned + " and " + best);
    }

    /** On a machine with other work, time that is lost to it not counted. */
    @Test
    void disturbancesDoNotMakeItLose() {
        Draft good = Draft.model(new TimedModel(LAW, 80_000, 1_000));
        Draft wrong = Draft.model(new TimedModel(OTHER_LAW, 80_000, 1_000));
        LanguageModel target = new TimedModel(LAW, 1_000_000, 150_000);
        disturbances = new Uniforms(5);
        double plain = calmNanos(target, Decoding.autoregressive());
        double best = plain;
        for (int length = 1; length <= 8; length++) {
            best = Math.min(best, calmNanos(target, Decoding.speculative(good).draftLength(length)));
        }
        record Case(Decoding auto, double best) {}
        for (Case planned : List.of(
                new Case(Decoding.auto(good), best),
                new Case(Decoding.auto(wrong, good), best),
                new Case(Decoding.auto(wrong), plain))) {
            run(target, planned.auto);
            double took = 0;
            for (int generation = 0; generation < 3; generation++) {
                took += calmNanos(target, planned.auto) / 3.0;
            }
            assertTrue(took < 1.05 * planned.best, planned + " took " + took);
        }
    }

    private double calmNanos(LanguageModel target, Decoding decoding) {
        long begin = calmNanos;
        run(target, decoding);
        return calmNanos - begin;
    }

    /** What was slow before it was compiled, or while the machine was busy, is found to be fast. */
    @Test
    void aDraftThatWasSlowAtFirstIsTriedAgainThoughAnotherDraftIsInUse() {
        long[] slowdown = {40};
        LanguageModel target = new TimedModel(LAW, 1_000_000, 20_000);
        TimedModel small = new TimedModel(LAW, 0, 0) {
            @Override
            void pass(int rows) {
                nanos += 60_000 * slowdown[0];
            }
        };
        Draft often = Draft.model(new TimedModel(OTHER_LAW, 0, 0));
        Decoding auto = Decoding.auto(often, Draft.model(small));
        run(target, auto);
        slowdown[0] = 1;
        run(target, auto);
        List<PlanStatistics.DraftPlan> plans = run(target, auto)
                .decoding()
                .drafting()
                .orElseThrow()
                .plan()
                .orElseThrow()
                .drafts();
        assertTrue(plans.get(1).worthwhile(), plans.toString());
        assertEquals(60_000, plans.get(1).levelTime().toNanos(), 6_000);
        assertTrue(plans.get(1).acceptedTokens() > TOKENS / 2, plans.toString());
    }

    @Test
    void aDraftEvaluatesThePromptInTimeOfThePromptWhenItIsFirstAsked() {
        LanguageModel target = new TimedModel(LAW, 1_000_000, 0);
        Draft draft = Draft.model(new TimedModel(LAW, 70_000, 0));
        Draft neverAsked = Draft.model(new TimedModel(LAW, 9_000_000, 0));
        for (Draft asked : List.of(draft, draft.orElse(neverAsked))) {
            GenerationStatistics statistics = run(target, Decoding.speculative(asked));
            DecodingStatistics decoding = statistics.decoding();
            long draftPasses = decoding.drafting().orElseThrow().draftPasses() - 1;
            assertEquals(1_070_000, statistics.promptTime().toNanos());
            assertEquals(
                    decoding.steps() * 1_000_000 + draftPasses * 70_000,
                    statistics.decodeTime().toNanos());
        }
    }

    @Test
    void theTextDoesNotDependOnTime() {
        ToyLanguageModel target = new ToyLanguageModel(VOCABULARY, CONTEXT, LAW);
        Draft draft = Draft.model(new ToyLanguageModel(VOCABULARY, CONTEXT, OTHER_LAW));
        Decoding auto = Decoding.auto(Draft.ngram(), draft);
        List<Integer> plain = null;
        for (long step : new long[] {0, 1, 1000, 1_000_000}) {
            EvaluatedText text = new EvaluatedText(target.newState(CONTEXT, CacheType.F32), 64);
            GenerationOptions options = GenerationOptions.DEFAULT
                    .decoding(step == 0 ? Decoding.autoregressive() : auto)
                    .sampler(Sampler.temperature(1).seed(3))
                    .maxTokens(60);
            Uniforms noise = new Uniforms(step);
            GenerationLoop loop = new GenerationLoop(
                    target,
                    text,
                    new int[] {1, 2, 3},
                    options,
                    ToyText.letters(VOCABULARY + 1),
                    () -> nanos += (long) (step * noise.at(nanos)));
            while (loop.next().isPresent()) {}
            List<Integer> ids = new ArrayList<>();
            for (int token : text.tokens()) {
                ids.add(token);
            }
            plain = plain == null ? ids : plain;
            assertEquals(plain, ids);
        }
    }

    @Test
    void adaptiveLengthAndRejectionSamplingAreRefusedTogether() {
        SpeculativeDecoding rejecting =
                Decoding.speculative(Draft.ngram()).verification(Verification.REJECTION_SAMPLING);
        String message = assertThrows(IllegalArgumentException.class, () -> rejecting.adaptiveDraftLength(4))
                .getMessage();
        assertTrue(message.contains("SAMPLER_MATCH"), message);
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoding.speculative(Draft.ngram()).adaptiveDraftLength(0));
        assertThrows(IllegalArgumentException.class, Decoding::auto);
    }
}
