package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Reads the JSON that a request brings. */
final class RequestBody {
    private RequestBody() {}

    static JsonValue read(HttpExchange exchange, int limit) {
        String type = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type"))
                .orElse("absent");
        // Which a web page of another origin cannot send unasked.
        if (!type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip().equals("application/json")) {
            throw ApiException.refused(
                    415, "unsupported_media_type", "Content-Type is " + type + ": expected application/json");
        }
        byte[] bytes = bytes(exchange, limit + 1);
        if (bytes.length > limit) {
            throw ApiException.refused(413, "body_too_large", "the body is longer than " + limit + " bytes");
        }
        try {
            return JsonValue.parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException _) {
            throw ApiException.badRequest(null, "the body is no UTF-8");
        } catch (JsonException problem) {
            throw ApiException.badRequest(null, "the body is no valid JSON: " + problem.getMessage());
        }
    }

    /** A client that has gone away is not there to be told either, which is found out when it is told. */
    private static byte[] bytes(HttpExchange exchange, int most) {
        try {
            return exchange.getRequestBody().readNBytes(most);
        } catch (IOException broken) {
            throw ApiException.badRequest(null, "the body breaks off or is not chunked right: " + broken.getMessage());
        }
    }
}
