package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.decode.FinishReason;
import dev.lathe.decode.PrefixTree;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/** Models of a few tokens with a real tokenizer: letters, a space, a line break, and the marks of a chat. */
final class ToyModels {
    /**
     * Tokens: a to z are 0 to 25, then a space, a line break, {@code <|user|>}, {@code <|assistant|>}, {@code <|end|>}.
     */
    static final int VOCABULARY = 31;

    static final int USER = 28;
    static final int ASSISTANT = 29;
    static final int END = 30;

    private ToyModels() {}

    static Metadata.Builder metadata() {
        List<String> pieces = new ArrayList<>();
        int[] types = new int[VOCABULARY];
        for (char letter = 'a'; letter <= 'z'; letter++) {
            pieces.add(String.valueOf(letter));
        }
        pieces.addAll(List.of("\u0120", "\u010A", "<|user|>", "<|assistant|>", "<|end|>"));
        for (int token = 0; token < VOCABULARY; token++) {
            types[token] = token < USER ? 1 : 3;
        }
        return Metadata.builder()
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", pieces)
                .ints("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", List.of())
                .uint32("tokenizer.ggml.eos_token_id", END)
                .bool("tokenizer.ggml.add_bos_token", false)
                .string(
                        "tokenizer.chat_template",
                        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
                                + "{% if add_generation_prompt %}<|assistant|>{% endif %}");
    }

    static Model of(Metadata metadata, int contextLength, ToyLanguageModel.Law law) {
        return of(metadata, new ToyLanguageModel(VOCABULARY, contextLength, law));
    }

    static Model of(ToyLanguageModel toy) {
        return of(metadata().build(), toy);
    }

    static Model of(Metadata metadata, ToyLanguageModel toy) {
        return of(toy, Tokenizer.from(metadata), metadata);
    }

    /** Any model with a tokenizer. */
    static Model of(LanguageModel model, Tokenizer tokenizer, Metadata metadata) {
        return new Model(
                model,
                tokenizer,
                metadata,
                Workers.single(),
                Optional.empty(),
                LoadReport.NONE,
                Optional::empty,
                Optional::empty,
                new PrefixTree(0),
                () -> {});
    }

    static Model of(ToyLanguageModel.Law law) {
        return of(metadata().build(), 200, law);
    }

    /** What a session of its own answers. */
    static GenerationResult alone(Model model, Request request) {
        try (Session session = model.newSession()) {
            return session.generate(request.prompt().tokens())
                    .options(request.options())
                    .run();
        }
    }

    /** That an engine answered as a session does, up to where it was stopped. */
    static void assertAsAlone(Model model, Request request, GenerationResult answer) {
        GenerationResult alone = alone(model, request);
        FinishReason reason = answer.finishReason();
        if (reason == FinishReason.CANCELLED || reason == FinishReason.TIME_LIMIT) {
            int read = answer.tokens().size();
            assertEquals(ids(alone).subList(0, read), ids(answer));
        } else {
            assertEquals(alone.tokens(), answer.tokens());
            assertEquals(alone.text(), answer.text());
            assertEquals(alone.finishReason(), reason);
        }
    }

    /** A prompt that begins as one of a few others, and mostly is one of them. */
    static int[] prompt(Random random, int beginnings, int longest) {
        int[] tokens = new Random(random.nextInt(beginnings))
                .ints(1 + random.nextInt(longest), 0, 28)
                .toArray();
        if (random.nextBoolean()) {
            tokens[tokens.length - 1] = random.nextInt(28);
        }
        return tokens;
    }

    /** Asks for answers and cancels one of so many; each is the one that it would be alone. */
    static void assertAllAsAlone(Model model, int requests, int ofOneCancelled, Random random, Supplier<Request> next) {
        List<Request> asked = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            asked.add(next.get());
            answers.add(asked.getLast().submit());
            if (random.nextInt(ofOneCancelled) == 0) {
                answers.get(random.nextInt(answers.size())).cancel();
            }
        }
        for (int i = 0; i < requests; i++) {
            assertAsAlone(model, asked.get(i), answers.get(i).result());
        }
    }

    private static List<Integer> ids(GenerationResult result) {
        return result.tokens().stream().map(Token::id).toList();
    }
}
