package dev.lathe.gguf;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that are written beside their targets and take their places together: all of them, or after a failure none, with
 * the targets as they were. A single file takes its place in one atomic step. Where the virtual machine ends meanwhile, as by
 * Ctrl-C, what was written is removed too.
 */
final class StagedFiles implements AutoCloseable {
    private record Staged(Path target, Path partial, Path backup) {}

    private final List<Staged> files = new CopyOnWriteArrayList<>(); // read at exit by a thread of its own
    private final Thread atExit = new Thread(this::removePartial);
    private final String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());

    StagedFiles() {
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The path to write, for this target, in the target's folder. */
    Path add(Path target) {
        String name = target.getFileName() + "." + unique;
        Staged file = new Staged(target, target.resolveSibling(name + ".part"), target.resolveSibling(name + ".old"));
        files.add(file);
        return file.partial;
    }

    /** Moves all files to their targets. */
    void commit() throws IOException {
        if (files.size() == 1) {
            Files.move(files.getFirst().partial, files.getFirst().target, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        int begun = 0;
        try {
            for (Staged file : files) {
                if (Files.isDirectory(file.target)) {
                    throw new FileSystemException(file.target.toString(), null, "is a folder, expected a file");
                }
                begun++;
                if (Files.exists(file.target)) {
                    Files.move(file.target, file.backup, StandardCopyOption.ATOMIC_MOVE);
                }
                Files.move(file.partial, file.target, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException | RuntimeException failure) {
            for (Staged file : files.subList(0, begun)) {
                putBack(file, failure);
            }
            throw failure;
        }
        for (Staged file : files) {
            Files.deleteIfExists(file.backup);
        }
    }

    private static void putBack(Staged file, Exception failure) {
        try {
            if (Files.exists(file.backup)) {
                Files.move(file.backup, file.target, StandardCopyOption.ATOMIC_MOVE);
            } else if (!Files.exists(file.partial)) {
                Files.deleteIfExists(file.target);
            }
        } catch (IOException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    /** Removes what was not moved. */
    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) { // the hook runs, and removes the same files
            return;
        }
        for (Staged file : files) {
            Files.deleteIfExists(file.partial);
        }
    }

    private void removePartial() {
        for (Staged file : files) {
            try {
                Files.deleteIfExists(file.partial);
            } catch (IOException e) {
                System.getLogger("dev.lathe").log(System.Logger.Level.WARNING, file.partial + " is left behind", e);
            }
        }
    }
}
