package dev.lathe.cli;

import dev.lathe.hub.DownloadProgress;
import dev.lathe.tools.command.Terminal;
import java.util.Locale;

/** Draws how far a download is, a few times a second. */
final class DownloadBar implements DownloadProgress {
    private static final long PAUSE_NANOS = 100_000_000;

    private final Terminal terminal;
    private String file = "";
    private long startBytes;
    private long startNanos;
    private long drawnNanos;

    DownloadBar(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void at(String path, long done, long total) {
        long now = System.nanoTime();
        if (!path.equals(file)) {
            file = path;
            startBytes = done;
            startNanos = now;
            drawnNanos = now - PAUSE_NANOS;
        }
        if (now - drawnNanos >= PAUSE_NANOS || done == total) {
            drawnNanos = now;
            double seconds = (now - startNanos) * 1e-9;
            double speed = seconds > 0 ? (done - startBytes) / seconds : 0;
            terminal.progress(path, done / 1000, Math.max(1, total / 1000), detail(speed, total - done));
        }
    }

    private static String detail(double bytesPerSecond, long left) {
        return bytesPerSecond > 0
                ? String.format(Locale.ROOT, "kB, %.1f MB/s, %.0f s left", bytesPerSecond * 1e-6, left / bytesPerSecond)
                : "kB";
    }
}
