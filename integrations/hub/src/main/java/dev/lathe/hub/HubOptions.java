package dev.lathe.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which hub is asked, and where files are kept. Immutable; each method named after a component returns changed options.
 *
 * @param endpoint the hub, or a mirror of it
 * @param cache the folder of files, which Hugging Face's own client shares
 * @param token what the hub knows the user by; sent to the endpoint's host alone
 * @param offline whether only the cache is looked into
 * @param attempts how often a request is tried that fails without any byte
 * @param patience how long nothing may come before a connection counts as cut
 * @param pause the wait before the second attempt; each later one is twice as long
 * @param longestPause the longest that a hub may ask to wait
 */
public record HubOptions(
        URI endpoint,
        Path cache,
        Optional<String> token,
        boolean offline,
        int attempts,
        Duration patience,
        Duration pause,
        Duration longestPause) {
    private static final URI HUGGING_FACE = URI.create("https://huggingface.co");
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /** Checks each component. */
    public HubOptions {
        Objects.requireNonNull(cache, "cache");
        Objects.requireNonNull(patience, "patience");
        Objects.requireNonNull(pause, "pause");
        Objects.requireNonNull(longestPause, "longestPause");
        if (endpoint.getHost() == null || !Set.of("http", "https").contains(String.valueOf(endpoint.getScheme()))) {
            throw new IllegalArgumentException(
                    "endpoint is " + endpoint + ": expected the address of a hub, as https://HOST");
        }
        if (token.isPresent() && !token.get().matches("[!-~]+")) {
            throw new IllegalArgumentException("token: expected visible ASCII characters without spaces");
        }
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts is " + attempts + ": expected at least 1");
        }
    }

    /**
     * As Hugging Face's own client reads the environment: {@code HF_ENDPOINT}, {@code HF_HUB_CACHE} or {@code HF_HOME}
     * or {@code XDG_CACHE_HOME}, {@code HF_TOKEN} or the file {@code token} in its folder, {@code HF_HUB_OFFLINE}.
     *
     * @throws IOException if the file of the token cannot be read
     * @throws IllegalArgumentException if a variable is of no use, with its value
     */
    public static HubOptions fromEnvironment() throws IOException {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** As variables say. */
    static HubOptions of(Map<String, String> variables, Path userHome) throws IOException {
        Path home = folder(variables, "XDG_CACHE_HOME", userHome)
                .orElse(userHome.resolve(".cache"))
                .resolve("huggingface");
        home = folder(variables, "HF_HOME", userHome).orElse(home);
        String endpoint = variables.getOrDefault("HF_ENDPOINT", "").replaceFirst("/+$", "");
        return new HubOptions(
                endpoint.isEmpty() ? HUGGING_FACE : URI.create(endpoint),
                folder(variables, "HF_HUB_CACHE", userHome).orElse(home.resolve("hub")),
                token(variables, home.resolve("token"), userHome),
                TRUE.contains(variables.getOrDefault("HF_HUB_OFFLINE", "").toUpperCase(Locale.ROOT)),
                5,
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofMinutes(2));
    }

    private static Optional<Path> folder(Map<String, String> variables, String name, Path userHome) {
        return Optional.of(variables.getOrDefault(name, ""))
                .filter(text -> !text.isEmpty())
                .map(text -> text.startsWith("~/") ? userHome.resolve(text.substring(2)) : Path.of(text));
    }

    private static Optional<String> token(Map<String, String> variables, Path file, Path userHome) throws IOException {
        String token = variables.getOrDefault("HF_TOKEN", "").strip();
        Path saved = folder(variables, "HF_TOKEN_PATH", userHome).orElse(file);
        if (token.isEmpty() && Files.isRegularFile(saved)) {
            token = Files.readString(saved).strip();
        }
        return Optional.of(token).filter(text -> !text.isEmpty());
    }

    /** With this hub. */
    public HubOptions endpoint(URI value) {
        return new HubOptions(value, cache, token, offline, attempts, patience, pause, longestPause);
    }

    /** With this folder of files. */
    public HubOptions cache(Path value) {
        return new HubOptions(endpoint, value, token, offline, attempts, patience, pause, longestPause);
    }

    /** With this token. */
    public HubOptions token(String value) {
        return new HubOptions(endpoint, cache, Optional.of(value), offline, attempts, patience, pause, longestPause);
    }

    /** Whether only the cache is looked into. */
    public HubOptions offline(boolean value) {
        return new HubOptions(endpoint, cache, token, value, attempts, patience, pause, longestPause);
    }

    /** Tried so often, with such waits. */
    public HubOptions attempts(int number, Duration silence, Duration first, Duration longest) {
        return new HubOptions(endpoint, cache, token, offline, number, silence, first, longest);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HubOptions[endpoint=" + endpoint + ", cache=" + cache + (token.isPresent() ? ", with a token" : "")
                + (offline ? ", offline" : "") + "]";
    }
}
