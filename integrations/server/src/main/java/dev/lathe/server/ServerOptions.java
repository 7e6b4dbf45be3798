package dev.lathe.server;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a server listens and for whom. Immutable; each method named after a component returns changed options.
 *
 * @param host the name or address of the interface; outside of the loopback a key is needed
 * @param port 0 for any free one
 * @param apiKey what clients must send as {@code Authorization: Bearer KEY}
 * @param modelName what the model is called in requests and answers
 * @param limits what it holds at most
 */
public record ServerOptions(String host, int port, Optional<String> apiKey, String modelName, ServerLimits limits) {
    /** This machine alone, port 8080, no key. */
    public static final ServerOptions DEFAULT =
            new ServerOptions("127.0.0.1", 8080, Optional.empty(), "lathe", ServerLimits.DEFAULT);

    /** Checks each component. */
    public ServerOptions {
        Objects.requireNonNull(limits, "limits");
        if (modelName.isBlank()) {
            throw new IllegalArgumentException("modelName is blank: expected a name for the model");
        }
        if (apiKey.isPresent() && apiKey.get().isBlank()) {
            throw new IllegalArgumentException("apiKey is blank: expected a secret, or none");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port is " + port + ": expected 0 to 65535");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("host '" + host + "' has no address");
        }
        if (!address.getAddress().isLoopbackAddress() && apiKey.isEmpty()) {
            throw new IllegalArgumentException("host '" + host + "' can be reached from other machines: give an apiKey,"
                    + " or listen on 127.0.0.1");
        }
    }

    /** With this interface and this key, which are checked together. */
    public ServerOptions host(String value, Optional<String> key) {
        return new ServerOptions(value, port, key, modelName, limits);
    }

    /** With this port. */
    public ServerOptions port(int value) {
        return new ServerOptions(host, value, apiKey, modelName, limits);
    }

    /** With this key. */
    public ServerOptions apiKey(String value) {
        return new ServerOptions(host, port, Optional.of(value), modelName, limits);
    }

    /** With this name of the model. */
    public ServerOptions modelName(String value) {
        return new ServerOptions(host, port, apiKey, value, limits);
    }

    /** With these limits. */
    public ServerOptions limits(ServerLimits value) {
        return new ServerOptions(host, port, apiKey, modelName, value);
    }
}
