package dev.lathe.serve;

import java.time.Duration;
import java.util.Optional;

/** A request was refused because its tenant has used up, or holds, as much as it may. */
public final class TenantLimitException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final String tenant;
    private final transient Optional<Duration> retryAfter;

    TenantLimitException(String tenant, String reason, Optional<Duration> retryAfter) {
        super("the request of tenant " + tenant + " is refused: " + reason
                + retryAfter
                        .map(time -> "; try again in " + Math.ceil(time.toMillis() / 100.0) / 10 + " s")
                        .orElse("; try again when one of them has ended"));
        this.tenant = tenant;
        this.retryAfter = retryAfter;
    }

    /** Whose limit it is. */
    public String tenant() {
        return tenant;
    }

    /** When the same request would be admitted, if nothing else is asked for; empty if others must end first. */
    public Optional<Duration> retryAfter() {
        return retryAfter == null ? Optional.empty() : retryAfter;
    }
}
