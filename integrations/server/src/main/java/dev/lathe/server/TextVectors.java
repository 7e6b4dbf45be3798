package dev.lathe.server;

import dev.lathe.Embeddings;
import dev.lathe.Model;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Answers requests for vectors of texts, one request at a time, each with all threads of the model. */
final class TextVectors {
    private final Model model;
    private final ServerOptions options;
    private final Metrics metrics;
    private final Semaphore turn = new Semaphore(1, true);

    TextVectors(Model model, ServerOptions options, Metrics metrics) {
        this.model = model;
        this.options = options;
        this.metrics = metrics;
    }

    String answer(JsonValue body) {
        RequestFields fields =
                RequestFields.of(body, "", Set.of("model", "input", "encoding_format", "user", "dimensions"));
        fields.text("user");
        boolean base64 = isBase64(fields);
        List<String> texts = texts(fields);
        Embeddings embeddings = embed(texts);
        int length = embeddings.vector(0).length;
        fields.integer("dimensions", length, length);
        List<Object> data = new ArrayList<>();
        for (float[] vector : embeddings.vectors()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("object", "embedding");
            entry.put("index", data.size());
            entry.put("embedding", base64 ? base64(vector) : vector);
            data.add(entry);
        }
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("object", "list");
        reply.put("data", data);
        reply.put("model", options.modelName());
        long tokens = embeddings.statistics().tokens();
        reply.put("usage", Map.of("prompt_tokens", tokens, "total_tokens", tokens));
        return JsonValue.of(reply).toJson();
    }

    private static boolean isBase64(RequestFields fields) {
        String encoding = fields.text("encoding_format").orElse("float");
        if (!encoding.equals("float") && !encoding.equals("base64")) {
            throw ApiException.badRequest(
                    "encoding_format", "'encoding_format' is '" + encoding + "': expected float or base64");
        }
        return encoding.equals("base64");
    }

    private static List<String> texts(RequestFields fields) {
        List<String> texts = new ArrayList<>();
        switch (fields.find("input").orElse(null)) {
            case JsonString text -> texts.add(text.text());
            case JsonArray array -> {
                for (JsonValue element : array.elements()) {
                    if (!(element instanceof JsonString text)) {
                        throw ApiException.badRequest("input", "'input': texts are expected, got " + element.kind());
                    }
                    texts.add(text.text());
                }
            }
            case null, default ->
                throw ApiException.badRequest("input", "'input': a text or an array of texts is expected");
        }
        if (texts.isEmpty()) {
            throw ApiException.badRequest("input", "'input' is empty: at least one text is expected");
        }
        return texts;
    }

    private Embeddings embed(List<String> texts) {
        ServerLimits limits = options.limits();
        if (turn.availablePermits() == 0 && turn.getQueueLength() >= limits.queueLength()) {
            throw ApiException.busy(limits.queueLength() + " requests for vectors wait: try again later");
        }
        try {
            if (!turn.tryAcquire(limits.generationTime().toNanos(), TimeUnit.NANOSECONDS)) {
                throw ApiException.busy(
                        "no turn came within " + limits.generationTime().toSeconds() + " s: try again later");
            }
            try {
                Embeddings embeddings = model.embed(texts);
                metrics.embedded(embeddings.statistics());
                return embeddings;
            } finally {
                turn.release();
            }
        } catch (InterruptedException | CancellationException _) {
            throw ApiException.unavailable("the server is stopping");
        } catch (UnsupportedOperationException none) {
            throw ApiException.badRequest("model", none.getMessage());
        } catch (IllegalArgumentException wrong) {
            throw ApiException.badRequest("input", wrong.getMessage());
        }
    }

    private static String base64(float... vector) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
