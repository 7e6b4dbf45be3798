package dev.lathe.hub;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Asks a hub. Redirects are followed by hand: the token goes to the endpoint's own host and port, nowhere else, and
 * nothing goes from https to http.
 */
final class HubClient implements AutoCloseable {
    private static final int MAX_REDIRECTS = 10;
    private static final int MAX_LISTING_BYTES = 64 << 20;
    private static final int MAX_PAGES = 1000;
    private static final Pattern NEXT_PAGE = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"next\"");

    /**
     * An answer.
     *
     * @param uri where it came from, after redirects
     */
    record Answer(URI uri, HttpResponse<Flow.Publisher<List<ByteBuffer>>> response, ResponseBody body)
            implements AutoCloseable {
        int status() {
            return response.statusCode();
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        @Override
        public void close() {
            body.close();
        }
    }

    private final HubOptions options;
    private final HttpClient http;

    HubClient(HubOptions options) {
        this.options = options;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.patience())
                .build();
    }

    /** The commit that a revision is. */
    String commit(ModelName name) throws IOException, InterruptedException {
        URI uri = uri("/api/models/" + name.repository() + "/revision/" + encode(name.revision()));
        JsonObject model = cast(page(name, uri).json(), JsonObject.class);
        String commit = member(() -> model.text("sha"));
        if (!RepositoryListing.isCommit(commit)) {
            throw new HubException("the hub tells no commit for revision " + name.revision());
        }
        return commit;
    }

    /** The files at a commit. */
    RepositoryListing listing(ModelName name, String commit) throws IOException, InterruptedException {
        List<RepositoryFile> files = new ArrayList<>();
        URI uri = uri("/api/models/" + name.repository() + "/tree/" + commit + "?recursive=true");
        for (int pages = 0; pages < MAX_PAGES; pages++) {
            Page page = page(name, uri);
            for (JsonValue value : cast(page.json(), JsonArray.class).elements()) {
                try {
                    RepositoryListing.entry(value).ifPresent(files::add);
                } catch (JsonException e) {
                    throw new HubException("the hub's listing: " + e.getMessage(), e);
                }
            }
            if (page.next().isEmpty()) {
                return new RepositoryListing(commit, files);
            }
            uri = page.next().get();
        }
        throw new HubException("the hub's listing has no end");
    }

    /** Where a file is. */
    URI fileUri(ModelName name, String commit, String path) {
        String encoded = Arrays.stream(path.split("/")).map(HubClient::encode).collect(Collectors.joining("/"));
        return uri("/" + name.repository() + "/resolve/" + commit + "/" + encoded);
    }

    private record Page(JsonValue json, Optional<URI> next) {}

    private Page page(ModelName name, URI uri) throws IOException, InterruptedException {
        Attempts attempts = new Attempts(options, "the listing");
        while (true) {
            try (Answer answer = get(uri, 0)) {
                requireSuccess(name, answer);
                String text = new String(answer.body().readAll(MAX_LISTING_BYTES), StandardCharsets.UTF_8);
                return new Page(JsonValue.parse(text), answer.header("Link").flatMap(this::nextPage));
            } catch (JsonException e) {
                throw new HubException(options.endpoint() + " answers no JSON; is it a hub? " + e.getMessage(), e);
            } catch (TransientException failure) {
                attempts.fail(failure);
            }
        }
    }

    /** Asked of the endpoint, whichever host the link names: a mirror's links may be the hub's own. */
    private Optional<URI> nextPage(String link) {
        Matcher next = NEXT_PAGE.matcher(link);
        if (!next.find()) {
            return Optional.empty();
        }
        URI uri = options.endpoint().resolve(next.group(1));
        URI endpoint = options.endpoint();
        return Optional.of(URI.create(endpoint.getScheme() + "://" + endpoint.getRawAuthority() + uri.getRawPath()
                + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())));
    }

    /**
     * Asks for a resource, from a byte on.
     *
     * @throws TransientException if no answer comes
     */
    Answer get(URI start, long from) throws IOException, InterruptedException {
        URI uri = start;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            Answer answer = send(uri, from);
            switch (answer.status()) {
                case 301, 302, 303, 307, 308 -> {
                    answer.close();
                    uri = target(uri, answer.header("Location").orElse(""));
                }
                default -> {
                    return answer;
                }
            }
        }
        throw new HubException(start + " redirects more than " + MAX_REDIRECTS + " times; check HF_ENDPOINT");
    }

    private static URI target(URI from, String location) throws HubException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new HubException(from.getHost() + " redirects to what is no address", e);
        }
        boolean safe =
                "https".equals(to.getScheme()) || "http".equals(to.getScheme()) && "http".equals(from.getScheme());
        if (!safe || to.getHost() == null || location.isEmpty()) {
            throw new HubException(from.getHost() + " redirects to '" + to.getScheme()
                    + "', where nothing is taken from; expected https");
        }
        return to;
    }

    private Answer send(URI uri, long from) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(options.patience())
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "lathe");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (isEndpoint(uri)) {
            options.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response;
        try {
            response = http.send(request.build(), BodyHandlers.ofPublisher());
        } catch (IOException e) {
            throw new TransientException(uri.getHost() + " gave no answer (" + e + ")", null, e);
        }
        return new Answer(uri, response, new ResponseBody(response.body(), options.patience()));
    }

    private boolean isEndpoint(URI uri) {
        URI endpoint = options.endpoint();
        return uri.getScheme().equals(endpoint.getScheme())
                && uri.getHost().equalsIgnoreCase(endpoint.getHost())
                && uri.getPort() == endpoint.getPort();
    }

    /**
     * Checks that an answer has what was asked for.
     *
     * @throws TransientException if the same question may be answered later
     * @throws HubException otherwise, with the cure
     */
    void requireSuccess(ModelName name, Answer answer) throws IOException {
        Refusals.check(name, answer, isEndpoint(answer.uri()), options);
    }

    private URI uri(String pathAndQuery) {
        return URI.create(options.endpoint() + pathAndQuery);
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private interface Member {
        String read();
    }

    private static String member(Member member) throws HubException {
        try {
            return member.read();
        } catch (JsonException e) {
            throw new HubException("the hub's answer: " + e.getMessage(), e);
        }
    }

    private static <T> T cast(JsonValue value, Class<T> type) throws HubException {
        if (!type.isInstance(value)) {
            throw new HubException("the hub answers " + value.kind() + "; is it a hub?");
        }
        return type.cast(value);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
