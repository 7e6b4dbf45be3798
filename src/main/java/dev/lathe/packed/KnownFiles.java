package dev.lathe.packed;

import dev.lathe.file.InputFile;
import dev.lathe.file.StagedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Hashes of models whose files have not changed since they were hashed, so that a start need not read them. A file is
 * the same while its path, size, identity, and the times of its last modification and of its last change of status
 * (which no program can set) are. Where the system does not tell all of these, nothing is known.
 *
 * @param folder has a small file for each model
 */
record KnownFiles(Path folder) {
    /** Clocks of file systems tick coarsely: what is younger may have changed unseen. */
    private static final long YOUNG_MILLIS = 2_000;

    private static final int MOST_BYTES = 1 << 16;

    /** The hash of these files' tensors, if it is known. */
    Optional<byte[]> find(List<Path> files) throws IOException {
        Path note = note(files);
        if (files.isEmpty() || !Files.isReadable(note)) {
            return Optional.empty();
        }
        String text = new String(InputFile.readAll(note, MOST_BYTES), StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        boolean same =
                end == 2 * PackedFile.HASH_BYTES && text.substring(end + 1).equals(state(files, Long.MAX_VALUE));
        try {
            return same ? Optional.of(HexFormat.of().parseHex(text, 0, end)) : Optional.empty();
        } catch (IllegalArgumentException notHexadecimal) {
            return Optional.empty();
        }
    }

    /**
     * Remembers the hash of files, unless they have changed since shortly before they were opened.
     *
     * @param openedMillis a moment before they were
     */
    void remember(List<Path> files, long openedMillis, byte[] hash) throws IOException {
        String state = state(files, openedMillis - YOUNG_MILLIS);
        if (state.isEmpty()) {
            return;
        }
        String text = HexFormat.of().formatHex(hash) + '\n' + state;
        try (StagedFiles staged = new StagedFiles(List.of(note(files)))) {
            try (var out = staged.create(0)) {
                out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            }
            staged.commit();
        }
    }

    private Path note(List<Path> files) {
        CRC32C paths = new CRC32C(); // where two models have the same, one is hashed each time
        for (Path file : files) {
            paths.update(file.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
        }
        return folder.resolve(HexFormat.of().toHexDigits((int) paths.getValue()) + ".known");
    }

    /** A line for each file; empty where the system does not tell, or one changed after a moment. */
    private static String state(List<Path> files, long latestMillis) throws IOException {
        if (files.isEmpty()
                || !FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
            return "";
        }
        StringBuilder state = new StringBuilder();
        for (Path file : files) {
            Map<String, Object> known = Files.readAttributes(file, "unix:size,ino,dev,lastModifiedTime,ctime");
            FileTime changed = (FileTime) known.get("ctime");
            if (changed.toMillis() > latestMillis) {
                return "";
            }
            state.append(file.toAbsolutePath())
                    .append(' ')
                    .append(known.get("size"))
                    .append(' ');
            state.append(known.get("dev")).append(' ').append(known.get("ino")).append(' ');
            state.append(known.get("lastModifiedTime"))
                    .append(' ')
                    .append(changed)
                    .append('\n');
        }
        return state.toString();
    }
}
