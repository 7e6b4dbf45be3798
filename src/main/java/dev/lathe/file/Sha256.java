package dev.lathe.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, by which files and tensors are told apart. */
public final class Sha256 {
    private Sha256() {}

    /** A digest of nothing yet. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime has SHA-256", impossible);
        }
    }
}
