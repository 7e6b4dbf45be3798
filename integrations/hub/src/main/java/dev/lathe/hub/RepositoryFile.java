package dev.lathe.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file of a repository, as its listing tells it.
 *
 * @param path its path in the repository, with slashes
 * @param size its bytes
 * @param gitId the SHA-1 of it, or of what stands for it, as a git object
 * @param sha256 of large files
 * @param xetHash how another storage knows it; kept for Hugging Face's own client
 */
record RepositoryFile(String path, long size, String gitId, Optional<String> sha256, Optional<String> xetHash) {
    private static final Pattern GIT_ID = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * A file that a hub tells.
     *
     * @throws HubException if it could be written elsewhere than in its repository's folder, or could not be checked
     */
    static RepositoryFile of(String path, long size, String gitId, Optional<String> sha256, Optional<String> xetHash)
            throws HubException {
        if (!isSafe(path)) {
            throw new HubException("the listing has a file '" + visible(path)
                    + "', which is no path within a repository; nothing of it is downloaded");
        }
        if (size < 0
                || !GIT_ID.matcher(gitId).matches()
                || !SHA256.matcher(sha256.orElse("0".repeat(64))).matches()) {
            throw new HubException("the listing tells no size and hash for " + path
                    + ", so it could not be checked; nothing of it is downloaded");
        }
        return new RepositoryFile(path, size, gitId, sha256, xetHash);
    }

    /** Whether a text with slashes, joined to a folder, leads to a place within it on every file system. */
    static boolean isSafe(String path) {
        if (path.isEmpty() || path.length() > 1000) {
            return false;
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.length() > 255) {
                return false;
            }
        }
        return path.chars().noneMatch(c -> Character.isISOControl(c) || "\\:*?\"<>|".indexOf(c) >= 0);
    }

    private static String visible(String text) {
        String shown = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return shown.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    }

    /** By which it is kept: what a hub answers as its ETag. */
    String etag() {
        return sha256.orElse(gitId);
    }

    /** The last part of its path. */
    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
