package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import java.util.List;
import java.util.Map;

/** RoBERTa and XLM-R: BERT whose positions begin after the padding token's number. */
final class RobertaFamily extends BertFamily {
    RobertaFamily() {
        super("bert", "roberta.", whole(), LAYER);
    }

    private static Map<String, String> whole() {
        return with(
                without(WHOLE, "pooler.dense", "classifier"),
                Map.of("classifier.dense", "cls", "classifier.out_proj", "cls.output"));
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        int positions = config.integer("max_position_embeddings") - paddingPositions(config);
        if (positions < 1) {
            throw new JsonException("'max_position_embeddings' is " + config.integer("max_position_embeddings")
                    + ", but the first " + paddingPositions(config) + " belong to padding");
        }
        keys.count("context_length", positions);
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        if (!name.equals("position_embd.weight")) {
            return super.arrange(name, tensor, config);
        }
        int padding = paddingPositions(config);
        return Map.of(name, List.of(tensor.range(0, padding, tensor.shape().getFirst() - padding)));
    }

    /** How many first positions no token has. */
    private static int paddingPositions(Config config) {
        long padding = config.json().findLong("pad_token_id").orElse(1L);
        if (padding < 0 || padding >= config.integer("max_position_embeddings")) {
            throw new JsonException(
                    "'pad_token_id' is " + padding + ", expected a token below 'max_position_embeddings'");
        }
        return (int) padding + 1;
    }
}
