package dev.lathe.decode;

import dev.lathe.model.LanguageModel;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/** What a planner has measured: of use to the next generation of the same model. One thread at a time. */
final class PlannerMemory {
    static final int MOST_ROWS = 32;
    private static final double FADING = 0.98;

    /** Of one draft. */
    static final class OfDraft {
        final CostCurve levels = new CostCurve(MOST_ROWS);
        final AcceptanceTable acceptance = new AcceptanceTable();
        final TrialClock trials = new TrialClock();
    }

    final CostCurve target = new CostCurve(MOST_ROWS);
    final TrialClock plainTrials = new TrialClock();
    final List<OfDraft> drafts = new ArrayList<>();
    private final WeakReference<LanguageModel> model;
    private double tokens;
    private double nanos;

    PlannerMemory(LanguageModel model, int draftCount) {
        this.model = new WeakReference<>(model);
        for (int i = 0; i < draftCount; i++) {
            drafts.add(new OfDraft());
        }
    }

    boolean isOf(LanguageModel other) {
        return model.refersTo(other);
    }

    void observeStep(int committed, double stepNanos) {
        tokens = FADING * tokens + committed;
        nanos = FADING * nanos + stepNanos;
    }

    /** Tokens per nanosecond to expect: what was reached of late, and at least what plain decoding reaches. */
    double rate() {
        double plain = 1 / target.at(1);
        return nanos == 0 ? plain : Math.max(plain, tokens / nanos);
    }
}
