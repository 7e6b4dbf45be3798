package dev.lathe.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The files that a name means.
 *
 * <p>A quantization means the GGUF file whose path has it between separators, as users of llama.cpp expect. Without one
 * it is Q4_K_M, or else Q8_0, or else the only GGUF file; where there is none, the folder of safetensors. Where several
 * files would do, none is guessed.
 *
 * @param file the file to open, the first of a split set; nothing for the whole folder
 * @param files all that are needed
 */
record FileChoice(Optional<RepositoryFile> file, List<RepositoryFile> files) {
    private static final List<String> PREFERRED = List.of("Q4_K_M", "Q8_0");
    private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})(\\.gguf|\\.safetensors)");
    /** What lies beside models and is none: projectors of images, importances, drafts. */
    private static final Pattern NO_MODEL = Pattern.compile("mmproj|imatrix|mtp-|eagle3-");

    private static final Pattern WEIGHTS = Pattern.compile("model(-\\d{5}-of-\\d{5})?\\.safetensors");
    private static final Pattern FOLDER =
            Pattern.compile("[^/]+\\.(json|jinja|txt)|\\d+_\\w+/[^/]+\\.(json|txt|safetensors)");
    private static final int LISTED = 40;

    /**
     * Chooses.
     *
     * @throws HubException if nothing suits, or more than one file does; with the files that there are
     */
    static FileChoice of(ModelName name, RepositoryListing listing) throws HubException {
        if (name.file().isPresent()) {
            return named(name, listing, name.file().get());
        }
        List<RepositoryFile> models = listing.files().stream()
                .filter(FileChoice::isModel)
                .filter(file -> partNumber(file) <= 1)
                .toList();
        if (name.quantization().isPresent()) {
            String quantization = name.quantization().get();
            List<RepositoryFile> found = quantized(models, quantization);
            if (found.isEmpty()) {
                throw new HubException("no GGUF file of " + name.repository() + " is named " + quantization + "; "
                        + thereIs(models, listing));
            }
            return only(name, listing, found);
        }
        for (String preferred : PREFERRED) {
            List<RepositoryFile> found = quantized(models, preferred);
            if (!found.isEmpty()) {
                return only(name, listing, found);
            }
        }
        return models.isEmpty() ? folder(name, listing) : only(name, listing, models);
    }

    private static FileChoice named(ModelName name, RepositoryListing listing, String path) throws HubException {
        RepositoryFile file = listing.find(path)
                .orElseThrow(() -> new HubException(name.repository() + " has no file " + path + "; "
                        + thereIs(
                                listing.files().stream()
                                        .filter(FileChoice::isModel)
                                        .toList(),
                                listing)));
        return whole(listing, file);
    }

    private static FileChoice only(ModelName name, RepositoryListing listing, List<RepositoryFile> found)
            throws HubException {
        if (found.size() > 1) {
            throw new HubException(
                    "it may be " + found.size() + " files; name one of them: " + paths(name.repository() + "/", found));
        }
        return whole(listing, found.getFirst());
    }

    /** With the other parts of its split set. */
    private static FileChoice whole(RepositoryListing listing, RepositoryFile file) throws HubException {
        List<RepositoryFile> parts = parts(listing, file);
        return new FileChoice(Optional.of(parts.getFirst()), parts);
    }

    private static List<RepositoryFile> parts(RepositoryListing listing, RepositoryFile file) throws HubException {
        Matcher part = PART.matcher(file.path());
        if (!part.matches()) {
            return List.of(file);
        }
        List<RepositoryFile> parts = new ArrayList<>();
        int count = Integer.parseInt(part.group(3));
        for (int i = 1; i <= count; i++) {
            String path = String.format(Locale.ROOT, "%s-%05d-of-%s%s", part.group(1), i, part.group(3), part.group(4));
            parts.add(listing.find(path)
                    .orElseThrow(() -> new HubException(file.path() + " is one of " + count + " parts, and " + path
                            + " is not there; the model cannot be read without it")));
        }
        if (parts.isEmpty()) {
            throw new HubException(file.path() + " is a part of a set of none");
        }
        return parts;
    }

    /** The folder of safetensors at the top. */
    static FileChoice folder(ModelName name, RepositoryListing listing) throws HubException {
        List<RepositoryFile> weights = listing.files().stream()
                .filter(file -> WEIGHTS.matcher(file.path()).matches())
                .toList();
        if (weights.isEmpty() || listing.find("config.json").isEmpty()) {
            throw new HubException(
                    name.repository() + " has neither a GGUF file nor config.json with model.safetensors; "
                            + thereIs(List.of(), listing));
        }
        List<RepositoryFile> files = new ArrayList<>(
                listing.find("model.safetensors.index.json").isPresent()
                        ? parts(
                                listing,
                                weights.stream()
                                        .filter(file ->
                                                PART.matcher(file.path()).matches())
                                        .findFirst()
                                        .orElse(weights.getFirst()))
                        : List.of(weights.getFirst()));
        listing.files().stream()
                .filter(file -> FOLDER.matcher(file.path()).matches())
                .forEach(files::add);
        return new FileChoice(Optional.empty(), List.copyOf(files));
    }

    private static boolean isModel(RepositoryFile file) {
        return file.path().endsWith(".gguf") && !NO_MODEL.matcher(file.name()).find();
    }

    private static int partNumber(RepositoryFile file) {
        Matcher part = PART.matcher(file.path());
        return part.matches() ? Integer.parseInt(part.group(2)) : 1;
    }

    private static List<RepositoryFile> quantized(List<RepositoryFile> models, String quantization) {
        Pattern tag = Pattern.compile("(?i)(?:^|[-._/])" + Pattern.quote(quantization) + "[-./]");
        return models.stream().filter(file -> tag.matcher(file.path()).find()).toList();
    }

    private static String thereIs(List<RepositoryFile> models, RepositoryListing listing) {
        List<RepositoryFile> files = models.isEmpty() ? listing.files() : models;
        return files.isEmpty() ? "it is empty" : "there is " + paths("", files);
    }

    private static String paths(String prefix, List<RepositoryFile> files) {
        String listed =
                files.stream().limit(LISTED).map(file -> prefix + file.path()).collect(Collectors.joining(", "));
        return files.size() > LISTED ? listed + " and " + (files.size() - LISTED) + " more" : listed;
    }
}
