package dev.lathe.decode;

import dev.lathe.model.LanguageModel;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/** What a planner has measured: of use to the next generation of the same model. One thread at a time. */
final class PlannerMemory {
    static final int MOST_ROWS = 32;
    private static final double FADING = 0.98;

    /** What it takes to ask a draft, and how often it proposes something. */
    static final class Asking {
        private final RecentTimes times = new RecentTimes();
        private double asked = 1;
        private double answered = 1;

        void observe(long nanos, boolean wasAnswered) {
            times.add(nanos);
            asked = FADING * asked + 1;
            answered = FADING * answered + (wasAnswered ? 1 : 0);
        }

        double nanos() {
            return times.least();
        }

        /** The probability of a proposal. */
        double answers() {
            return answered / asked;
        }
    }

    /** Of one draft. */
    static final class OfDraft {
        private final Asking first = new Asking(); // it may have to catch up with the text
        private final Asking next = new Asking();
        final AcceptanceTable acceptance = new AcceptanceTable();

        Asking asking(boolean isFirst) {
            return isFirst ? first : next;
        }
    }

    final CostCurve target = new CostCurve(MOST_ROWS);
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

    /** Tokens per nanosecond to expect: what planned steps reached of late, and at least what plain decoding reaches. */
    double rate() {
        double plain = 1 / target.at(1);
        return nanos == 0 ? plain : Math.max(plain, tokens / nanos);
    }
}
