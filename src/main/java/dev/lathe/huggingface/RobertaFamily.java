package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import java.util.HashMap;
import java.util.Map;

/** RoBERTa and XLM-R: BERT whose positions begin behind the padding token's number. */
final class RobertaFamily extends BertFamily {
    private static final String POSITIONS = "position_embd.weight";

    RobertaFamily() {
        super("bert", "roberta.", whole(), LAYER);
    }

    private static Map<String, String> whole() {
        Map<String, String> names = new HashMap<>(WHOLE);
        names.remove("pooler.dense");
        names.remove("classifier");
        names.put("classifier.dense", "cls");
        names.put("classifier.out_proj", "cls.output");
        return names;
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        int positions = config.integer("max_position_embeddings") - skippedRows(POSITIONS, config);
        if (positions < 1) {
            throw new JsonException("'max_position_embeddings' is " + config.integer("max_position_embeddings")
                    + ", but the first " + skippedRows(POSITIONS, config) + " belong to padding");
        }
        keys.count("context_length", positions);
    }

    @Override
    int skippedRows(String name, Config config) {
        if (!name.equals(POSITIONS)) {
            return 0;
        }
        long padding = config.json().findLong("pad_token_id").orElse(1L);
        if (padding < 0 || padding >= config.integer("max_position_embeddings")) {
            throw new JsonException(
                    "'pad_token_id' is " + padding + ", expected a token below 'max_position_embeddings'");
        }
        return (int) padding + 1;
    }
}
