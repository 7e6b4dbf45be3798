package dev.lathe.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that are written beside their targets and take their places together: all of them, or after a failure none, with
 * the targets as they were. A single file takes its place in one atomic step. Where the virtual machine ends meanwhile, as by
 * Ctrl-C, what was written is removed too; where it is killed, the next writer of the same target removes it.
 *
 * <p>A target is absent or a regular file, which the new one replaces and whose permissions it takes. A symbolic link is
 * followed: what it points to is replaced. Devices, pipes, sockets and folders are refused before anything is written.
 *
 * <p>Not thread-safe.
 */
public final class StagedFiles implements AutoCloseable {
    private static final int MAX_LINKS = 40;

    /** A file that has been begun, locked while its channel is open. */
    private record Staged(Path target, Path partial, Path backup, FileChannel channel) {}

    private final List<Path> targets = new ArrayList<>();
    private final List<Staged> files = new CopyOnWriteArrayList<>(); // read at exit by a thread of its own
    private final Thread atExit = new Thread(this::removePartial);

    /**
     * Files for these targets.
     *
     * @throws IOException if a target is something that is not replaced
     */
    public StagedFiles(List<Path> targets) throws IOException {
        for (Path target : targets) {
            this.targets.add(replaceable(target));
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Follows links to the file that is replaced or made. */
    private static Path replaceable(Path target) throws IOException {
        Path file = target;
        for (int links = 0; Files.isSymbolicLink(file); links++) {
            if (links == MAX_LINKS) {
                throw new FileSystemLoopException(target.toString());
            }
            file = file.resolveSibling(Files.readSymbolicLink(file));
        }
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file)) {
            throw new FileSystemException(
                    target.toString(),
                    null,
                    Files.isDirectory(file)
                            ? "is a folder, expected a file"
                            : "is a device, pipe or socket, expected a regular file or a new name");
        }
        return file;
    }

    /**
     * Begins a file, in the folder of its target.
     *
     * @param index which of the targets
     */
    public OutputFile create(int index) throws IOException {
        Path target = targets.get(index);
        Leftovers leftovers = new Leftovers(target);
        leftovers.remove();
        Set<PosixFilePermission> permissions = permissions(target);
        while (true) {
            String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
            Path partial = leftovers.partial(unique);
            FileChannel channel = open(partial, target, permissions);
            files.add(new Staged(target, partial, leftovers.backup(unique), channel));
            if (Leftovers.lock(channel) && Files.exists(partial)) {
                return new OutputFile(target, channel);
            }
            // Another process took the file for a leftover, between its creation and its lock.
            channel.close();
            Files.deleteIfExists(partial);
            files.removeLast();
        }
    }

    /** What is not for everybody to read is never so, not even while it is written. */
    private static FileChannel open(Path partial, Path target, Set<PosixFilePermission> permissions)
            throws IOException {
        FileAttribute<?>[] attributes = permissions.isEmpty()
                ? new FileAttribute<?>[0]
                : new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                };
        try {
            FileChannel channel = FileChannel.open(
                    partial, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
            if (!permissions.isEmpty()) {
                Files.setPosixFilePermissions(partial, permissions);
            }
            return channel;
        } catch (FileAlreadyExistsException chance) {
            throw chance;
        } catch (IOException failure) {
            throw InputFile.explain(target, failure);
        }
    }

    /** The permissions of a file that is there, where the file system has them; else empty. */
    private static Set<PosixFilePermission> permissions(Path target) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        return view == null || !Files.exists(target)
                ? Set.of()
                : view.readAttributes().permissions();
    }

    /** Moves all files to their targets. */
    public void commit() throws IOException {
        if (files.size() == 1) {
            Files.move(files.getFirst().partial, files.getFirst().target, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        int begun = 0;
        try {
            for (Staged file : files) {
                replaceable(file.target);
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
        IOException failure = null;
        for (Staged file : files) {
            try (FileChannel _ = file.channel) {
                Files.deleteIfExists(file.partial);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
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
