package dev.lathe.decode.speculative;

import dev.lathe.model.LanguageModel;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/** What a planner has measured: of use to the next generation of the same model. One thread at a time. */
final class PlannerMemory {
    static final int MOST_ROWS = 32;
    private static final double FADING = 0.98;
    private static final double MODEL_SLOPE = 0.08;

    /** Of one draft: what it takes to ask it, how often it proposes something, and what becomes of that. */
    static final class OfDraft {
        private final CostCurve costs = new CostCurve(MOST_ROWS, 0);
        private double asked = 1;
        private double answered = 1;
        private double use = 1; // share of the steps that ask it
        final AcceptanceTable acceptance = new AcceptanceTable();

        /** Learns from an asking that evaluated so many rows. */
        void observe(int rows, long nanos, boolean wasAnswered) {
            costs.observe(Math.min(rows, MOST_ROWS), nanos);
            asked = FADING * asked + 1;
            answered = FADING * answered + (wasAnswered ? 1 : 0);
        }

        /** Learns whether a step asked it. */
        void observeStep(boolean wasAsked) {
            use = FADING * use + (1 - FADING) * (wasAsked ? 1 : 0);
        }

        /** What it takes to ask it if so many rows are missing. */
        double nanos(int rows) {
            return costs.at(Math.min(rows, MOST_ROWS));
        }

        /**
         * The same as a step should reckon with it: where most steps ask this draft, rows that it missed are evaluated
         * anyway, now or by the next step; where few do, never, unless it is asked now.
         */
        double price(int rows) {
            return nanos(1) + (1 - use) * (nanos(rows) - nanos(1));
        }

        /** The probability of a proposal. */
        double answers() {
            return answered / asked;
        }
    }

    final CostCurve target = new CostCurve(MOST_ROWS, MODEL_SLOPE);
    final List<OfDraft> drafts = new ArrayList<>();
    final Trials trials;
    private final WeakReference<LanguageModel> model;
    private double tokens;
    private double nanos;

    PlannerMemory(LanguageModel model, int draftCount) {
        this.model = new WeakReference<>(model);
        this.trials = new Trials(draftCount);
        for (int i = 0; i < draftCount; i++) {
            drafts.add(new OfDraft());
        }
    }

    boolean isOf(LanguageModel other) {
        return model.refersTo(other);
    }

    /**
     * Learns from a step that was planned.
     *
     * @param stepNanos what such a step takes by what is known of its parts, so that one slow step counts no more than
     *     others
     */
    void observePlanned(int committed, double stepNanos) {
        tokens = FADING * tokens + committed;
        nanos = FADING * nanos + stepNanos;
    }

    /**
     * Tokens per nanosecond to expect: what planned steps reached of late, and at least what plain decoding reaches.
     */
    double rate() {
        double plain = 1 / target.at(1);
        return nanos == 0 ? plain : Math.max(plain, tokens / nanos);
    }
}
