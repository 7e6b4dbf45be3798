package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lathe.Slow;
import dev.lathe.gguf.GgufException;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutates every file of a folder: {@code -Dlathe.fuzz=N} sets how often. */
class FolderFuzzTest {
    private static final int ROUNDS = Integer.getInteger("lathe.fuzz", 250);
    private static final int WARM_UP_ROUNDS = 50;
    private static final long MOST_ALLOCATED = 24 << 20;
    private static final String WEIGHTS = "model.safetensors";
    private static final Path REFERENCES = Path.of("src/test/resources/references");

    private static final List<JsonValue> HOSTILE = List.of(
            JsonLiteral.NULL,
            JsonLiteral.TRUE,
            new JsonString(""),
            new JsonString("\u0000"),
            new JsonString("x".repeat(5000)),
            new JsonArray(List.of()),
            new JsonObject(Map.of()),
            new JsonArray(List.of(new JsonNumber("1"), new JsonString("a"), new JsonArray(List.of()))));

    private static final List<String> TELLING_NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "2",
            "3",
            "4",
            "255",
            "256",
            "65536",
            "16777216",
            "2147483647",
            "2147483648",
            "4294967296",
            "1152921504606846976",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "1e308",
            "1e999",
            "-0.0",
            "1e-300",
            "0.5");

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    private final Map<String, byte[]> whole = new LinkedHashMap<>();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "qwen3_moe",
                "phi3",
                "bert",
                "modernbert",
                "qwen2_moe",
                "gemma-embedding",
                "jina-bert-v2"
            })
    @Timeout(60)
    @Slow
    void aMutatedFolderIsReadOrRefusedAtLittleCost(String type) throws IOException {
        write(type);
        List<String> names = List.copyOf(whole.keySet());
        Random random = new Random(20_261_129);
        int accepted = 0;
        long mostAllocated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String name = names.get(random.nextInt(names.size()));
            Files.write(folder.resolve(name), mutated(name, random));
            long before = THREADS.getCurrentThreadAllocatedBytes();
            accepted += opens(round) ? 1 : 0;
            if (round >= WARM_UP_ROUNDS) {
                mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            Files.write(folder.resolve(name), whole.get(name));
        }
        assertTrue(accepted > ROUNDS / 20 && accepted < ROUNDS * 9 / 10, "accepted " + accepted + " of " + ROUNDS);
        assertTrue(mostAllocated < MOST_ALLOCATED, "one opening allocated " + mostAllocated + " bytes");
    }

    private void write(String type) throws IOException {
        Path reference = REFERENCES.resolve(type);
        switch (type) {
            case "qwen2_moe", "gemma-embedding", "jina-bert-v2" -> copy(reference);
            default -> folder(type).write(folder);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                whole.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
    }

    private void copy(Path reference) throws IOException {
        try (Stream<Path> files = Files.walk(reference)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().startsWith("reference.")) {
                    Path target = folder.resolve(reference.relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
        }
    }

    private static TinyFolder folder(String type) throws IOException {
        return switch (type) {
            case "llama" -> new TinyFolder();
            case "bert", "modernbert" -> new EncoderFolder(type, EncoderFolder.randomFile(type)).folder;
            default -> new FamilyFolder(type).folder;
        };
    }

    private boolean opens(int round) {
        try (ModelFolder opened = ModelFolder.open(folder)) {
            opened.tensors().forEach(tensor -> assertTrue(tensor.byteCount() < 1 << 30));
            Tokenizer.from(opened.metadata()).encode("the <|end|> text");
            return true;
        } catch (ModelFolderException | GgufException | IllegalArgumentException | FileSystemException refused) {
            assertTrue(refused.getMessage() != null && !refused.getMessage().isBlank(), "round " + round);
            return false;
        } catch (IOException | RuntimeException | Error unexpected) {
            throw new AssertionError("round " + round, unexpected);
        }
    }

    private byte[] mutated(String name, Random random) {
        byte[] bytes = whole.get(name);
        if (random.nextInt(5) == 0) {
            return bytesMutated(bytes, random);
        }
        if (!name.endsWith(WEIGHTS)) {
            return text(jsonMutated(parse(bytes, 0, bytes.length), random));
        }
        int headerBytes =
                (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header = text(jsonMutated(parse(bytes, Long.BYTES, headerBytes), random));
        return ByteBuffer.allocate(bytes.length - headerBytes + header.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(bytes, Long.BYTES + headerBytes, bytes.length - Long.BYTES - headerBytes)
                .array();
    }

    private static JsonValue parse(byte[] bytes, int from, int count) {
        return JsonValue.parse(new String(bytes, from, count, StandardCharsets.UTF_8));
    }

    private static byte[] text(JsonValue value) {
        return value.toJson().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytesMutated(byte[] bytes, Random random) {
        if (random.nextInt(3) == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        byte[] mutant = bytes.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(Math.min(mutant.length, 4000));
            mutant[at] = (byte) (random.nextBoolean() ? random.nextInt() : "\"{}[]:,0-e\\".charAt(random.nextInt(11)));
        }
        return mutant;
    }

    /** Changes one value somewhere in a document, or takes it away, or gives it a neighbour's name. */
    private static JsonValue jsonMutated(JsonValue value, Random random) {
        if (value instanceof JsonObject object && !object.members().isEmpty() && random.nextInt(8) > 0) {
            Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
            List<String> names = new ArrayList<>(members.keySet());
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(12)) {
                case 0 -> members.remove(name);
                case 1 -> members.put(names.get(random.nextInt(names.size())), members.get(name));
                case 2 -> members.put(name + "x", members.remove(name));
                default -> members.put(name, jsonMutated(members.get(name), random));
            }
            return new JsonObject(members);
        }
        if (value instanceof JsonArray array && !array.elements().isEmpty() && random.nextInt(8) > 0) {
            List<JsonValue> elements = new ArrayList<>(array.elements());
            int at = random.nextInt(elements.size());
            switch (random.nextInt(12)) {
                case 0 -> elements.remove(at);
                case 1 -> elements.add(elements.get(at));
                default -> elements.set(at, jsonMutated(elements.get(at), random));
            }
            return new JsonArray(elements);
        }
        if (value instanceof JsonNumber number
                && random.nextInt(3) == 0
                && !number.text().contains("e")) {
            return new JsonNumber(Long.toString((long) number.doubleValue() + random.nextInt(9) - 4));
        }
        return random.nextInt(3) > 0
                ? new JsonNumber(TELLING_NUMBERS.get(random.nextInt(TELLING_NUMBERS.size())))
                : HOSTILE.get(random.nextInt(HOSTILE.size()));
    }
}
