package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import org.junit.jupiter.api.Test;

/** What a draft evaluates over the turns of a conversation. */
class DraftedChatTest {
    private static final int CONTEXT = 2000;
    private static final int TURNS = 12;
    private static final Sampler SAMPLER = Sampler.temperature(1).seed(3);

    private final ToyLanguageModel draft =
            new ToyLanguageModel(ToyModels.VOCABULARY, CONTEXT, ToyLanguageModel.Law.hashed(2, 2, 9));

    private static Model model() {
        return ToyModels.of(ToyModels.metadata().build(), CONTEXT, ToyLanguageModel.Law.hashed(3, 2, 8));
    }

    /** Each turn must cost the draft what is new, not the conversation so far. */
    @Test
    void aDraftEvaluatesEachTokenOfAConversationOnce() {
        Decoding drafted = Decoding.speculative(Draft.model(draft));
        long[] rows = new long[2];
        String[] texts = new String[2];
        long tokens = 0;
        long verified = 0;
        for (int run = 0; run < 2; run++) {
            try (Session session = model().newSession()) {
                Chat chat = session.newChat();
                long before = draft.rows();
                StringBuilder said = new StringBuilder();
                for (int turn = 0; turn < TURNS; turn++) {
                    Generation answer =
                            chat.ask("tell me more of it").sampler(SAMPLER).maxTokens(20);
                    GenerationResult result = (run == 0 ? answer : answer.decoding(drafted)).run();
                    rows[run] += result.stats()
                            .decoding()
                            .drafting()
                            .map(d -> d.draftRows())
                            .orElse(0L);
                    verified += run == 0 ? 0 : result.stats().decoding().rows();
                    said.append(result.text()).append('|');
                }
                tokens = session.tokens().length;
                texts[run] = said.toString();
                assertEquals(rows[run], draft.rows() - before, "what the statistics say");
            }
        }
        assertEquals(texts[0], texts[1], "the drafted conversation is the plain one");
        assertTrue(
                rows[1] <= tokens + verified,
                rows[1] + " rows of the draft for a conversation of " + tokens + " tokens, of which it drafted "
                        + verified);
    }

    @Test
    void theDraftsPromptIsEvaluatedInBatchesAndCanBeCancelled() {
        Model model = model();
        int[] prompt = new int[500];
        try (Session session = model.newSession(SessionOptions.DEFAULT.promptBatchSize(10))) {
            long rows = draft.rows();
            long passes = draft.passes();
            session.generate(prompt)
                    .decoding(Decoding.speculative(Draft.model(draft)))
                    .maxTokens(2)
                    .run();
            assertTrue(draft.passes() - passes >= (draft.rows() - rows) / 10, "passes of at most 10 rows");
        }
        try (Session session = model.newSession(SessionOptions.DEFAULT.promptBatchSize(10))) {
            long rows = draft.rows();
            TokenStream stream = session.generate(prompt).decoding(Decoding.speculative(Draft.model(draft))).stream();
            var tokens = stream.iterator();
            tokens.next(); // from the prompt's logits: the draft was not asked yet
            Thread reader = Thread.currentThread();
            draft.beforePass(() -> {
                if (draft.rows() - rows >= 50) {
                    reader.interrupt();
                }
            });
            assertTrue(!tokens.hasNext(), "the step under way ends without a token");
            assertTrue(Thread.interrupted());
            draft.beforePass(() -> {});
            assertEquals(FinishReason.CANCELLED, stream.finishReason().orElseThrow());
            assertTrue(draft.rows() - rows <= 60, draft.rows() - rows + " rows of the draft after it was cancelled");
        }
    }

    /** Two drafts of one model follow the text each by itself. */
    @Test
    void theSameDraftTwiceIsTwoDrafts() {
        Draft one = Draft.model(draft);
        try (Session session = model().newSession()) {
            Generation plain =
                    session.generate("once upon a time").sampler(SAMPLER).maxTokens(40);
            String expected = plain.text();
            for (int i = 0; i < 3; i++) {
                assertEquals(expected, plain.decoding(Decoding.auto(one, one)).text());
                assertEquals(
                        expected,
                        plain.decoding(Decoding.speculative(one.orElse(Draft.model(draft))))
                                .text());
            }
        }
    }
}
