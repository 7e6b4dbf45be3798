package dev.lathe.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Names of files in the making, {@code NAME.PROCESS-UNIQUE.part}, and the removal of those whose writer was killed.
 *
 * <p>A writer holds a lock on its file, which ends with its process on whatever machine that ran: a file that can be locked
 * belongs to nobody. Where the file system has no locks, nothing is removed.
 */
final class Leftovers {
    private static final int MAX_NAME_BYTES = 255;
    private static final String PROCESS =
            Integer.toHexString(ThreadLocalRandom.current().nextInt());

    private final Path target;

    Leftovers(Path target) {
        this.target = target;
    }

    Path partial(String unique) {
        return sibling(unique, ".part");
    }

    Path backup(String unique) {
        return sibling(unique, ".old");
    }

    /** The target's name, cut where the suffix would make it longer than file systems take. */
    private Path sibling(String unique, String extension) {
        return target.resolveSibling(prefix() + PROCESS + "-" + unique + extension);
    }

    private String prefix() {
        // 8 digits of the process, a dash, 16 unique digits, an extension.
        int most = MAX_NAME_BYTES - 31;
        String name = target.getFileName().toString();
        while (name.getBytes(StandardCharsets.UTF_8).length > most) {
            name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
        }
        return name + ".";
    }

    /** Removes what killed processes left of this target. */
    void remove() throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isReadable(folder)) {
            return;
        }
        String prefix = prefix();
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, file -> isForeign(file, prefix))) {
            for (Path part : parts) {
                removeUnlessLocked(part);
            }
        }
    }

    /** This process knows its own files; to open one here would end its lock. */
    private static boolean isForeign(Path file, String prefix) {
        String name = file.getFileName().toString();
        return name.startsWith(prefix)
                && name.substring(prefix.length()).matches("[0-9a-f]{1,8}-[0-9a-f]{1,16}\\.part")
                && !name.startsWith(prefix + PROCESS + "-")
                && Files.isRegularFile(file);
    }

    private static void removeUnlessLocked(Path part) throws IOException {
        if (!Files.isWritable(part)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                Files.deleteIfExists(part);
            }
        } catch (IOException stays) {
            System.getLogger("dev.lathe").log(System.Logger.Level.WARNING, part + " is left behind", stays);
        }
    }

    /** Whether nobody else holds the file; true too where there are no locks. */
    static boolean lock(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException noLocks) {
            return true;
        }
    }
}
