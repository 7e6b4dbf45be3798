package dev.lathe.hub;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of a repository at a commit, which never change.
 *
 * @param commit the commit's id
 * @param files in the listing's order
 */
record RepositoryListing(String commit, List<RepositoryFile> files) {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final int FORMAT = 1;

    RepositoryListing {
        files = List.copyOf(files);
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    Optional<RepositoryFile> find(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /**
     * A file of a hub's listing; nothing for a folder.
     *
     * @throws JsonException if a member is missing or of another kind
     */
    static Optional<RepositoryFile> entry(JsonValue value) throws HubException {
        if (!(value instanceof JsonObject entry)) {
            throw new JsonException("an object is expected, got " + value.kind());
        }
        if (!entry.text("type").equals("file")) {
            return Optional.empty();
        }
        Optional<JsonObject> lfs = entry.findObject("lfs");
        return Optional.of(RepositoryFile.of(
                entry.text("path"),
                lfs.map(large -> large.longValue("size")).orElseGet(() -> entry.longValue("size")),
                entry.text("oid"),
                lfs.map(large -> large.text("oid")),
                entry.findText("xetHash")));
    }

    /** As it is kept on disk, in the format of Hugging Face's own client. */
    String toJson() {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (RepositoryFile file : files) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("size", file.size());
            entry.put("blob_id", file.gitId());
            file.sha256().ifPresent(hash -> {
                entry.put("lfs_sha256", hash);
                entry.put("lfs_size", file.size());
            });
            file.xetHash().ifPresent(hash -> entry.put("xet_hash", hash));
            entries.put(file.path(), entry);
        }
        Map<String, Object> listing = new LinkedHashMap<>();
        listing.put("format_version", FORMAT);
        listing.put("files", entries);
        return JsonValue.of(listing).toJson(1);
    }

    /** What is kept on disk; nothing if it is of a later format. */
    static Optional<RepositoryListing> parse(String commit, JsonValue json) throws HubException {
        if (!(json instanceof JsonObject listing)) {
            throw new JsonException("an object is expected, got " + json.kind());
        }
        if (listing.longValue("format_version") != FORMAT) {
            return Optional.empty();
        }
        JsonObject entries = listing.object("files");
        List<RepositoryFile> files = new ArrayList<>();
        for (String path : entries.members().keySet()) {
            JsonObject entry = entries.object(path);
            Optional<String> sha256 = entry.findText("lfs_sha256");
            files.add(RepositoryFile.of(
                    path,
                    sha256.isPresent() ? entry.longValue("lfs_size") : entry.longValue("size"),
                    entry.text("blob_id"),
                    sha256,
                    entry.findText("xet_hash")));
        }
        return Optional.of(new RepositoryListing(commit, files));
    }
}
