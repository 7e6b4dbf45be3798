package dev.lathe.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sums the energy counters of Linux's powercap zones, one a processor package, over their wrap-arounds. */
final class PowercapMeter implements EnergyMeter {
    private static final double JOULES_PER_COUNT = 1e-6;

    private final List<Zone> zones;

    private PowercapMeter(List<Zone> zones) {
        this.zones = zones;
    }

    static PowercapMeter open(Path root) {
        List<Zone> zones = new ArrayList<>();
        try (DirectoryStream<Path> packages = Files.newDirectoryStream(root, "intel-rapl:[0-9]")) {
            for (Path zone : packages) {
                zones.add(new Zone(zone.resolve("energy_uj"), read(zone.resolve("max_energy_range_uj"))));
            }
        } catch (IOException problem) {
            throw unreadable(root, problem);
        }
        if (zones.isEmpty()) {
            throw unreadable(root, null);
        }
        return new PowercapMeter(zones);
    }

    private static UnsupportedOperationException unreadable(Path root, IOException problem) {
        return new UnsupportedOperationException(
                "energy cannot be measured here: expected readable counters " + root + "/intel-rapl:*/energy_uj"
                        + (problem == null ? ", there are none" : ", got " + problem)
                        + "; let this user read them (most systems let root alone), or give a meter of your own",
                problem);
    }

    @Override
    public synchronized double joules() {
        try {
            double sum = 0;
            for (Zone zone : zones) {
                sum += zone.counted();
            }
            return sum * JOULES_PER_COUNT;
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private static long read(Path file) throws IOException {
        String text = Files.readString(file).strip();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException noNumber) {
            throw new IOException(file + " holds \"" + text + "\": expected a number", noNumber);
        }
    }

    /** One counter, which starts again after its range. */
    private static final class Zone {
        private final Path file;
        private final long range;
        private long last;
        private long sum;

        Zone(Path file, long range) throws IOException {
            this.file = file;
            this.range = range;
            last = read(file);
        }

        long counted() throws IOException {
            long now = read(file);
            sum += now >= last ? now - last : now - last + range;
            last = now;
            return sum;
        }
    }
}
