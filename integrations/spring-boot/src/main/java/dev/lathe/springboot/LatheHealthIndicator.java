package dev.lathe.springboot;

import dev.lathe.Kernels;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Up, with the kernels that compute; {@code DEGRADED} where they are plain Java, which gives the same answers many times
 * slower, with what is missing. Its severity is the application's to order ({@code management.endpoint.health.status.order}).
 */
final class LatheHealthIndicator implements HealthIndicator {
    static final Status DEGRADED = new Status("DEGRADED", "answers are computed in plain Java");

    private final Kernels kernels;

    LatheHealthIndicator(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public Health health() {
        boolean plain = kernels.name().equals("scalar");
        return (plain ? Health.status(DEGRADED) : Health.up())
                .withDetail("kernels", kernels.name())
                .withDetail("reason", kernels.reason())
                .build();
    }
}
