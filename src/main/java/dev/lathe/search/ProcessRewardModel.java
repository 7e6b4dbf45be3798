package dev.lathe.search;

import dev.lathe.Model;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.model.CacheType;
import dev.lathe.tensor.FloatMatrix;
import java.util.OptionalInt;

/**
 * A scorer that is a model: it reads the prompt and the answer step by step, and after each step says by one token
 * whether the answer is still right. The score is that of the last step, the probability of the good token beside the
 * bad one. What an answer shares with the one scored before is not evaluated again.
 *
 * <p>Lightman et al.: Let's Verify Step by Step, 2023, arXiv:2305.20050; the layout is that of Wang et al.:
 * Math-Shepherd, 2023, arXiv:2312.08935, whose model has the mark "ки" and the tokens "+" and "-". Snell et al.,
 * arXiv:2408.03314, appendix E, found the last step's score better than the least or the product of all.
 *
 * <p>Thread-safe: one answer at a time. Owns its memory until closed; the model stays the caller's, and is closed
 * later.
 */
public final class ProcessRewardModel implements Scorer, AutoCloseable {
    private static final int BATCH_SIZE = 512;

    private final Model model;
    private final String stepMark;
    private final int good;
    private final int bad;
    private final EvaluatedText text;

    /**
     * A scorer on a model.
     *
     * @param stepMark what stands after each step, where the model says what it thinks of it
     * @param good the piece, as the vocabulary writes it, that says the step is right
     * @param bad the piece that says it is wrong
     * @throws IllegalArgumentException if the vocabulary has no such piece
     */
    public ProcessRewardModel(Model model, String stepMark, String good, String bad) {
        this.model = model;
        this.stepMark = stepMark;
        this.good = token(model, good);
        this.bad = token(model, bad);
        this.text = new EvaluatedText(model.languageModel().newState(model.contextLength(), CacheType.F32), BATCH_SIZE);
    }

    private static int token(Model model, String piece) {
        OptionalInt token = model.tokenizer().find(piece);
        return token.orElseThrow(() -> new IllegalArgumentException("the reward model's vocabulary has no piece \""
                + piece + "\": name the pieces that it was trained to say good and bad with"));
    }

    /**
     * The score of the last step.
     *
     * @throws dev.lathe.model.ContextFullException if prompt and answer are too long for the model
     */
    @Override
    public synchronized double score(Candidate candidate) {
        FloatMatrix logits = text.evaluate(model.tokenizer().encodePrompt(marked(candidate)));
        double difference = logits.data()[logits.offset(0) + bad] - (double) logits.data()[logits.offset(0) + good];
        return 1 / (1 + StrictMath.exp(difference));
    }

    /** Prompt and answer with a mark after each step. */
    private String marked(Candidate candidate) {
        StringBuilder marked = new StringBuilder(candidate.promptText());
        candidate.steps().forEach(step -> marked.append(step.text()).append(stepMark));
        return marked.toString();
    }

    @Override
    public synchronized void close() {
        text.close();
    }
}
