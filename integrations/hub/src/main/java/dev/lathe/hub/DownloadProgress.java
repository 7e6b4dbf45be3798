package dev.lathe.hub;

/** Is told how far a download is, by the thread that downloads. */
@FunctionalInterface
public interface DownloadProgress {
    /** Tells nobody. */
    DownloadProgress NONE = (_, _, _) -> {};

    /**
     * Called as bytes come, at least once for each file that is downloaded; the last call has all of them.
     *
     * @param file the file's path in its repository
     * @param done bytes that are there, those of an earlier download that was cut included
     * @param total bytes of the file
     */
    void at(String file, long done, long total);
}
