package dev.lathe.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Brings one file: goes on where an earlier download was cut, asks again after a cut, checks the hash, and moves the
 * file to its name when it is whole.
 */
final class Download {
    private final HubClient client;
    private final HubOptions options;
    private final ModelName name;
    private final DownloadProgress progress;

    Download(HubClient client, HubOptions options, ModelName name, DownloadProgress progress) {
        this.client = client;
        this.options = options;
        this.name = name;
        this.progress = progress;
    }

    /**
     * Downloads.
     *
     * @param part where bytes are kept until they are all there
     * @param blob where the file is to be
     */
    void run(RepositoryFile file, URI uri, Path part, Path blob) throws IOException, InterruptedException {
        if (size(part) > file.size()) {
            Files.delete(part);
        }
        requireSpace(file, part);
        Attempts attempts = new Attempts(options, file.path());
        try (FileChannel target = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            progress.at(file.path(), target.size(), file.size());
            while (target.size() < file.size()) {
                long before = target.size();
                try {
                    transfer(file, uri, target);
                } catch (TransientException failure) {
                    if (target.size() > before) {
                        attempts.succeed();
                    }
                    attempts.fail(failure);
                }
            }
            target.force(true);
        }
        String found = Checksum.of(part, file);
        if (!found.equals(file.etag())) {
            Files.delete(part);
            throw new HubException(file.path() + " came with the hash " + found + ", expected " + file.etag()
                    + "; it is deleted, try again");
        }
        Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE);
    }

    private void transfer(RepositoryFile file, URI uri, FileChannel target) throws IOException, InterruptedException {
        long from = target.size();
        try (HubClient.Answer answer = client.get(uri, from)) {
            client.requireSuccess(name, answer);
            long start = answer.status() == 206 ? from : 0; // else it sends all of it
            if (answer.status() == 206
                    && !answer.header("Content-Range").orElse("").startsWith("bytes " + from + "-")) {
                throw new HubException(answer.uri().getHost() + " sends another part of " + file.path()
                        + " than the bytes from " + from + " on");
            }
            target.truncate(start).position(start);
            copy(file, answer.body(), target);
        }
        if (target.size() < file.size()) {
            throw new TransientException(
                    "it ended after " + target.size() + " of " + file.size() + " bytes", null, null);
        }
    }

    private void copy(RepositoryFile file, ResponseBody body, FileChannel target)
            throws IOException, InterruptedException {
        for (List<ByteBuffer> piece = body.next(); !piece.isEmpty(); piece = body.next()) {
            long arrived = 0;
            for (ByteBuffer buffer : piece) {
                arrived += buffer.remaining();
            }
            if (arrived > file.size() - target.position()) {
                target.truncate(0);
                throw new HubException(file.path() + " has " + file.size()
                        + " bytes in the listing, but more come; it is deleted, try again");
            }
            for (ByteBuffer buffer : piece) {
                while (buffer.hasRemaining()) {
                    target.write(buffer);
                }
            }
            progress.at(file.path(), target.position(), file.size());
        }
    }

    private void requireSpace(RepositoryFile file, Path part) throws IOException {
        long needed = file.size() - size(part);
        long free = Files.getFileStore(part.getParent()).getUsableSpace();
        if (needed > free) {
            throw new HubException(file.path() + " needs " + needed + " bytes, and " + part.getParent() + " has " + free
                    + " left; make room, or set HF_HUB_CACHE to a folder elsewhere");
        }
    }

    private static long size(Path part) throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }
}
