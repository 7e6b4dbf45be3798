package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Who may ask: holders of the key, and on the loopback nobody's web page under a name of its own. */
final class Access {
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Optional<byte[]> keyHash;

    Access(Optional<String> apiKey) {
        this.keyHash = apiKey.map(Access::hash);
    }

    /** Checks the name under which the server was reached: a page that rebinds its own name comes under that. */
    void checkHost(HttpExchange exchange) {
        InetAddress local = exchange.getLocalAddress().getAddress();
        String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                .orElse("");
        if (local.isLoopbackAddress()
                && !LOOPBACK_NAMES.contains(host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT))) {
            throw ApiException.refused(403, "host_not_allowed", "this server answers under localhost alone");
        }
    }

    /** Checks the key, in a time that tells nothing about it. */
    void checkKey(HttpExchange exchange) {
        if (keyHash.isEmpty()) {
            return;
        }
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("");
        boolean bearer = given.regionMatches(true, 0, "Bearer ", 0, 7);
        if (!MessageDigest.isEqual(
                keyHash.get(), hash(bearer ? given.substring(7).strip() : ""))) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            throw ApiException.refused(401, "invalid_api_key", "an API key is needed: Authorization: Bearer KEY");
        }
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
