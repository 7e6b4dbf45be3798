package dev.lathe.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Makes requests each of which is wrong in a known way: not one of them may be answered 200. */
final class MalformedRequests {
    static final String KEY = "a key of this test";

    /** A request that the server answers, per path. */
    static final Map<String, String> RIGHT = Map.of(
            "/v1/chat/completions",
            "{\"model\": \"lathe\", \"messages\": [{\"role\": \"user\", \"content\": \"int i\"}], \"max_tokens\": 1,"
                    + " \"temperature\": 0.5, \"stop\": [\"}\"], \"logprobs\": true, \"top_logprobs\": 2}",
            "/v1/completions",
            "{\"prompt\": \"int max(\", \"max_tokens\": 1, \"top_p\": 0.9, \"logit_bias\": {\"5\": -100}, \"seed\": 7}",
            "/v1/embeddings",
            "{\"input\": [\"int i;\", \"int j;\"], \"encoding_format\": \"float\"}",
            "/tokenize",
            "{\"content\": \"int i;\", \"add_special\": true}",
            "/detokenize",
            "{\"tokens\": [1, 2, 300]}");

    private static final List<String> PATHS = RIGHT.keySet().stream().sorted().toList();
    private static final List<String> GENERATING = List.of("/v1/chat/completions", "/v1/completions");

    private static final List<String> WRONG_MEMBERS = List.of(
            "\"temperature\": 2.1",
            "\"temperature\": \"hot\"",
            "\"temperature\": -0.1",
            "\"temperature\": 1e999",
            "\"top_p\": 0",
            "\"top_p\": 1.0001",
            "\"top_k\": 0",
            "\"top_k\": 1.5",
            "\"min_p\": 2",
            "\"typical_p\": -1",
            "\"repeat_penalty\": 0",
            "\"frequency_penalty\": 3",
            "\"presence_penalty\": []",
            "\"n\": 0",
            "\"n\": 9",
            "\"n\": 99999999999999999999",
            "\"max_tokens\": 0",
            "\"max_tokens\": -1",
            "\"max_tokens\": \"1\"",
            "\"seed\": 0.5",
            "\"seed\": 9223372036854775808",
            "\"stream\": 1",
            "\"stream\": \"true\"",
            "\"stream_options\": {}",
            "\"stop\": 1",
            "\"stop\": [1]",
            "\"stop\": [\"\"]",
            "\"stop\": [\"a\", \"b\", \"c\", \"d\", \"e\"]",
            "\"logit_bias\": []",
            "\"logit_bias\": {\"-1\": 1}",
            "\"logit_bias\": {\"1\": 101}",
            "\"logit_bias\": {\"1\": null}",
            "\"logit_bias\": {\"99999999\": 1}",
            "\"user\": 1",
            "\"functions\": []",
            "\"best_of\": 1",
            "\"echo\": true",
            "\"suffix\": \"a\"");

    private static final List<String> WRONG_MESSAGES = List.of(
            "[]",
            "{}",
            "1",
            "\"int\"",
            "[1]",
            "[{}]",
            "[{\"role\": \"user\"}]",
            "[{\"content\": \"a\"}]",
            "[{\"role\": \"god\", \"content\": \"a\"}]",
            "[{\"role\": \"user\", \"content\": 1}]",
            "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \"file:///etc/passwd\"}}]}]",
            "[{\"role\": \"tool\", \"tool_call_id\": \"none\", \"content\": \"a\"}]",
            "[{\"role\": \"user\", \"content\": \"a\", \"name\": \"b\"}]",
            "[{\"role\": \"assistant\", \"tool_calls\": [{\"id\": \"a\"}]}]",
            "[{\"role\": \"assistant\", \"tool_calls\": [{\"id\": \"a\", \"function\": {\"name\": \"b\", \"arguments\": \"{\"}}]}]");

    private static final List<String> WRONG_CHAT_MEMBERS = List.of(
            "\"response_format\": 1",
            "\"response_format\": {\"type\": \"xml\"}",
            "\"tools\": [{}]",
            "\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"schema\": {\"$ref\": \"file:///etc/passwd\"}}}",
            "\"tools\": {}",
            "\"tool_choice\": \"required\"",
            "\"tool_choice\": {\"type\": \"function\"}",
            "\"top_logprobs\": 1",
            "\"chat_template_kwargs\": 1",
            "\"max_completion_tokens\": 0");

    private static final List<String> NOWHERE = List.of(
            "/..",
            "/../",
            "/../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/..%2f..%2fetc%2fpasswd",
            "//etc/passwd",
            "/./",
            "/chat.html",
            "/index.html",
            "/Api.class",
            "/dev/lathe/server/chat.html",
            "/META-INF/MANIFEST.MF",
            "/v1",
            "/v1/",
            "/v1/models/",
            "/v1/models/../../etc/passwd",
            "/v1/models/lathe%00",
            "/v1/models/lathe/",
            "/v1/chat",
            "/v1/chat/completions/",
            "/%00",
            "/%",
            "/favicon.ico",
            "/admin",
            "file:///etc/passwd",
            "jar:file:lathe.jar",
            "x:y",
            "/v1%2fmodels%2fother",
            "/%5c..%5c..%5cetc%5cpasswd",
            "/metrics/",
            "/health/..");

    private static final List<String> WRONG_KEYS = List.of(
            "",
            "Bearer",
            "Bearer ",
            "Basic " + KEY,
            KEY,
            "Bearer  x" + KEY,
            "Bearer " + KEY.substring(1),
            "Bearer " + KEY.substring(0, KEY.length() - 1),
            "Bearer " + KEY + "x",
            "Bearer " + KEY.toUpperCase(),
            "Bearer b" + KEY.substring(1),
            "bearer nothing",
            "Bearer " + "x".repeat(10_000));

    private static final List<String> WRONG_HOSTS = List.of(
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "localhost:x",
            "user@localhost",
            "[::1",
            "0.0.0.0:8080",
            "localhost:80:80",
            " localhost");

    private static final List<String> WRONG_TYPES = List.of(
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a",
            "application/jsonp",
            "application/json/",
            "text/json",
            "application/json, text/plain",
            ";application/json");

    private MalformedRequests() {}

    /** A request and the status that it deserves. */
    record Malformed(int status, FakeExchange exchange, String body) {}

    /** The next one. */
    static Malformed next(SplittableRandom random, int bodyLimit) {
        String path = PATHS.get(random.nextInt(PATHS.size()));
        String right = RIGHT.get(path);
        return switch (random.nextInt(16)) {
            case 0 -> post(400, path, right.substring(0, random.nextInt(right.length())));
            case 1 -> post(400, path, right + "}],:\"1a-".charAt(random.nextInt(8)));
            case 2 -> post(400, path, inserted(right, (byte) random.nextInt(0x20), random));
            case 3 -> post(400, path, inserted(right, (byte) (0xF8 + random.nextInt(8)), random));
            case 4 -> post(400, path, right.replaceFirst("\\{", "{\"x" + random.nextInt(1000) + "\": 1, "));
            case 5 -> wrongMember(random);
            case 6 -> wrongMessages(random);
            case 7 -> post(400, path, nested(random));
            case 8 ->
                post(
                        400,
                        path,
                        List.of("", " ", "[]", "{}", "null", "1", "\"a\"", "NaN", "{\"\\ud800\": 1}", "\ufeff{}")
                                .get(random.nextInt(10)));
            case 9 -> post(413, path, right.replaceFirst("\\{", "{" + " ".repeat(bodyLimit + random.nextInt(5000))));
            case 10 -> post(404, GENERATING.get(random.nextInt(2)), "{\"model\": \"lathe" + random.nextInt() + "\"}");
            case 11 -> header(403, "Host", WRONG_HOSTS, path, random);
            case 12 -> header(401, "Authorization", WRONG_KEYS, path, random);
            case 13 -> header(415, "Content-Type", WRONG_TYPES, path, random);
            case 14 -> method(path, random);
            default -> nowhere(random);
        };
    }

    private static Malformed wrongMember(SplittableRandom random) {
        String path = GENERATING.get(random.nextInt(2));
        boolean chat = path.contains("chat") && random.nextBoolean();
        List<String> members = chat ? WRONG_CHAT_MEMBERS : WRONG_MEMBERS;
        String prompt = path.contains("chat")
                ? "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]"
                : "\"prompt\": \"a\"";
        return post(400, path, "{" + prompt + ", " + members.get(random.nextInt(members.size())) + "}");
    }

    private static Malformed wrongMessages(SplittableRandom random) {
        String messages = WRONG_MESSAGES.get(random.nextInt(WRONG_MESSAGES.size()));
        return post(400, "/v1/chat/completions", "{\"messages\": " + messages + "}");
    }

    /** Deeper than any reader goes, or not closed. */
    private static String nested(SplittableRandom random) {
        int depth = random.nextInt(201, 600);
        String open = random.nextBoolean() ? "[" : "{\"a\":";
        return open.repeat(depth) + (random.nextBoolean() ? "" : "1" + (open.equals("[") ? "]" : "}").repeat(depth));
    }

    private static Malformed header(
            int status, String name, List<String> values, String path, SplittableRandom random) {
        Malformed request = post(status, path, RIGHT.get(path));
        String value = values.get(random.nextInt(values.size()));
        if (value.isEmpty()) {
            request.exchange().getRequestHeaders().remove(name);
        } else {
            request.exchange().getRequestHeaders().set(name, value);
        }
        return request;
    }

    private static Malformed method(String path, SplittableRandom random) {
        String method = List.of("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "get", "P\u00d6ST", "")
                .get(random.nextInt(10));
        return request(405, method, path, RIGHT.get(path).getBytes(StandardCharsets.UTF_8));
    }

    private static Malformed nowhere(SplittableRandom random) {
        String path = NOWHERE.get(random.nextInt(NOWHERE.size()));
        if (path.endsWith("%")) {
            path += "25";
        }
        return request(404, "GET", path, new byte[0]);
    }

    private static byte[] inserted(String body, byte wrong, SplittableRandom random) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        boolean blank = wrong == '\t' || wrong == '\n' || wrong == '\r';
        int at = random.nextInt(1, bytes.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.write(blank ? 0 : wrong);
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    private static Malformed post(int status, String path, String body) {
        return post(status, path, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Malformed post(int status, String path, byte[] body) {
        return request(status, "POST", path, body);
    }

    private static Malformed request(int status, String method, String path, byte[] body) {
        FakeExchange exchange = new FakeExchange(method, path, body);
        exchange.getRequestHeaders().set("Authorization", "Bearer " + KEY);
        return new Malformed(
                status, exchange, new String(Arrays.copyOf(body, Math.min(200, body.length)), StandardCharsets.UTF_8));
    }
}
