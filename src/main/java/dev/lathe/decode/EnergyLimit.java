package dev.lathe.decode;

import dev.lathe.measure.EnergyMeter;
import java.util.Objects;

/**
 * How much energy a generation may use, its prompt included.
 *
 * @param joules the most energy
 * @param meter what counts it
 */
public record EnergyLimit(double joules, EnergyMeter meter) {
    /** Checks both. */
    public EnergyLimit {
        Objects.requireNonNull(meter, "meter");
        if (!(joules > 0) || Double.isInfinite(joules)) {
            throw new IllegalArgumentException("energyLimit is " + joules + " joules: expected a positive number");
        }
    }
}
