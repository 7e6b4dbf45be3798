package dev.lathe.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash by which a hub knows a file: SHA-256 of large ones, the id of a git object of small ones. */
final class Checksum {
    private static final int BUFFER_BYTES = 1 << 20;

    private Checksum() {}

    static String of(Path content, RepositoryFile file) throws IOException, InterruptedException {
        MessageDigest digest = digest(file.sha256().isPresent() ? "SHA-256" : "SHA-1");
        if (file.sha256().isEmpty()) {
            digest.update(("blob " + Files.size(content) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream input = Files.newInputStream(content)) {
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime has " + algorithm, impossible);
        }
    }
}
