package dev.lathe.measure;

import java.nio.file.Path;

/** A counter of energy. Its differences count, not its start. */
@FunctionalInterface
public interface EnergyMeter {
    /** Energy used so far, in joules; never less than before. */
    double joules();

    /**
     * The counters of this machine's processor packages (RAPL, by Linux's powercap files). They count what all programs
     * use.
     *
     * @throws UnsupportedOperationException if there are none, or they cannot be read; says what can be done
     */
    static EnergyMeter ofMachine() {
        return PowercapMeter.open(Path.of("/sys/class/powercap"));
    }
}
