package dev.lathe.lab.energy;

import dev.lathe.measure.EnergyMeter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a laptop's batteries have given, by Linux's {@code /sys/class/power_supply}. Counts only what they lose: while
 * they are charged the meter stands still, so measure on battery. Their steps are coarse; measure minutes.
 * Thread-safe.
 */
public final class BatteryMeter implements EnergyMeter {
    private static final double JOULES_PER_MICROWATT_HOUR = 3.6e-3;

    private final List<Path> files;
    private long last;
    private long used;

    private BatteryMeter(List<Path> files) throws IOException {
        this.files = files;
        this.last = left();
    }

    /**
     * The batteries of this machine.
     *
     * @throws UnsupportedOperationException if there is none that tells its energy
     */
    public static BatteryMeter ofMachine() {
        return open(Path.of("/sys/class/power_supply"));
    }

    static BatteryMeter open(Path root) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> supplies = Files.newDirectoryStream(root)) {
            for (Path supply : supplies) {
                if (Files.isReadable(supply.resolve("energy_now"))) {
                    files.add(supply.resolve("energy_now"));
                }
            }
            if (!files.isEmpty()) {
                return new BatteryMeter(files);
            }
        } catch (IOException problem) {
            throw new UnsupportedOperationException("no battery can be read in " + root, problem);
        }
        throw new UnsupportedOperationException(
                "no battery in " + root + " has a readable energy_now: measure with another meter");
    }

    private long left() throws IOException {
        long sum = 0;
        for (Path file : files) {
            sum += Long.parseLong(Files.readString(file).strip());
        }
        return sum;
    }

    @Override
    public synchronized double joules() {
        try {
            long now = left();
            used += Math.max(0, last - now);
            last = now;
            return used * JOULES_PER_MICROWATT_HOUR;
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }
}
