package dev.lathe.lab.energy;

import dev.lathe.figures.Stopwatch;
import dev.lathe.measure.EnergyMeter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A model of energy, no measurement: idle power all the time, and a share of what lies between idle and full power as
 * large as the share of the processors that this process keeps busy. For machines whose counters nobody may read. The
 * watts are the caller's; a report made with it says {@link EnergySource#MODELLED}.
 *
 * <p>Fan, Weber and Barroso: Power Provisioning for a Warehouse-sized Computer, 2007, section 4 (power is close to
 * linear in processor utilization). Thread-safe.
 */
public final class UtilizationMeter implements EnergyMeter {
    private final double idleWatts;
    private final double fullWatts;
    private final int processors;
    private final LongSupplier cpuNanos;
    private final Stopwatch.Lap lap;
    private final long startCpu;
    private double last;

    UtilizationMeter(double idleWatts, double fullWatts, int processors, Stopwatch clock, LongSupplier cpuNanos) {
        if (!(0 <= idleWatts && idleWatts <= fullWatts) || fullWatts == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("idle " + idleWatts + " W, full " + fullWatts
                    + " W: expected 0 <= idle <= full; see the machine's data sheet or a wall meter");
        }
        this.idleWatts = idleWatts;
        this.fullWatts = fullWatts;
        this.processors = processors;
        this.cpuNanos = cpuNanos;
        this.lap = clock.start();
        this.startCpu = cpuNanos.getAsLong();
    }

    /**
     * A model of this process on this machine. Linux counts processor time in hundredths of a second: shorter work
     * reads as idle.
     *
     * @param idleWatts power of the machine when nothing runs
     * @param fullWatts power when all processors are busy
     */
    public static UtilizationMeter ofProcess(double idleWatts, double fullWatts) {
        return new UtilizationMeter(
                idleWatts,
                fullWatts,
                Runtime.getRuntime().availableProcessors(),
                Stopwatch.system(),
                () -> ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .map(Duration::toNanos)
                        .orElseThrow(() -> new UnsupportedOperationException(
                                "this system tells no processor time of a process: give a meter of your own")));
    }

    /** Power when nothing runs. */
    public double idleWatts() {
        return idleWatts;
    }

    @Override
    public synchronized double joules() {
        double seconds = lap.seconds();
        double busy = (cpuNanos.getAsLong() - startCpu) * 1e-9 / processors;
        last = Math.max(last, idleWatts * seconds + (fullWatts - idleWatts) * Math.min(busy, seconds));
        return last;
    }
}
