package dev.lathe.tensor.codec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Short vectors that codes of the types IQ1, IQ2 and IQ3 stand for; read from the resource {@code codebooks.txt}. */
final class Codebook {
    private static final String RESOURCE = "codebooks.txt";

    private final int length;
    private final byte[] elements;

    private Codebook(int length, byte[] elements) {
        this.length = length;
        this.elements = elements;
    }

    /** Elements of an entry: 4 or 8. */
    int length() {
        return length;
    }

    /** An element of an entry. */
    int element(int entry, int index) {
        return elements[entry * length + index];
    }

    /** All codebooks by name. */
    static Map<String, Codebook> readAll() {
        List<String> lines;
        try (InputStream stream = Codebook.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + RESOURCE + " is missing beside " + Codebook.class
                        + ": the jar was repackaged without it");
            }
            lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Codebook> codebooks = new HashMap<>();
        for (int i = 0; i < lines.size(); ) {
            String[] heading = lines.get(i++).split(" ");
            StringBuilder digits = new StringBuilder();
            while (i < lines.size() && !lines.get(i).contains(" ")) {
                digits.append(lines.get(i++));
            }
            byte[] elements = new byte[digits.length()];
            for (int j = 0; j < elements.length; j++) {
                elements[j] = Byte.parseByte(heading[2 + digits.charAt(j) - '0']);
            }
            codebooks.put(heading[0], new Codebook(Integer.parseInt(heading[1]), elements));
        }
        return codebooks;
    }
}
