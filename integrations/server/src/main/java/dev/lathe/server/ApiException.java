package dev.lathe.server;

import dev.lathe.text.json.JsonValue;
import java.io.Serial;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that is refused, as OpenAI's protocol tells it. */
final class ApiException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String parameter;
    private final String code;

    private ApiException(int status, String type, String parameter, String code, String message) {
        super(message);
        this.status = status;
        this.type = type;
        this.parameter = parameter;
        this.code = code;
    }

    /** Something in the request is wrong; {@code parameter} names it, or is null. */
    static ApiException badRequest(String parameter, String message) {
        return new ApiException(400, "invalid_request_error", parameter, null, message);
    }

    static ApiException badRequest(String parameter, String code, String message) {
        return new ApiException(400, "invalid_request_error", parameter, code, message);
    }

    static ApiException refused(int status, String code, String message) {
        return new ApiException(status, "invalid_request_error", null, code, message);
    }

    static ApiException busy(String message) {
        return new ApiException(429, "rate_limit_error", null, "queue_full", message);
    }

    static ApiException unavailable(String message) {
        return new ApiException(503, "server_error", null, "unavailable", message);
    }

    static ApiException internal() {
        return new ApiException(500, "server_error", null, null, "the server failed; its log says how");
    }

    int status() {
        return status;
    }

    String toJson() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", wellFormed(getMessage()));
        error.put("type", type);
        error.put("param", parameter == null ? null : wellFormed(parameter));
        error.put("code", code);
        return JsonValue.of(Map.of("error", error)).toJson();
    }

    /** Messages quote what was sent, cut anywhere. */
    private static String wellFormed(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return out.toString();
    }
}
