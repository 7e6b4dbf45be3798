package dev.lathe.decode.constraint;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Tokens as a trie over their shapes: their characters, where all of one {@link CharacterClass} count as the same.
 * There are far fewer shapes than tokens, and a state that does not tell the characters of a class apart allows all
 * tokens of a shape or none. Where a state on the way tells them apart, the tokens behind it are looked at one by one.
 * Immutable and thread-safe.
 */
final class TokenShapes {
    private static final CharacterClass[] CLASSES = CharacterClass.values();
    private static final int BYTES = 256; // symbols from here on are classes
    private static final int MANY = 256; // tokens of one shape, which has a mask of its own
    private static final int MOST_MASKS = 64; // more than that many would not stay in a processor's cache

    private final byte[][] bytes; // [token]
    private final int[] sorted; // tokens by their shapes
    private final short[] labels; // [node] the last symbol of the node's shape
    private final int[] depths; // [node] symbols of the node's shape: 1 or more
    private final int[] ends; // [node] the first node behind its subtree
    private final int[] tokenEnds; // [node] tokens up to here in sorted are those of nodes up to this one
    private final long[][] masks; // [node] its tokens, where they are many; else null
    private final int deepest;

    /** Of the tokens that have bytes; takes ownership of these. */
    TokenShapes(byte[]... bytes) {
        this.bytes = bytes;
        short[][] shapes = new short[bytes.length][];
        for (int token = 0; token < bytes.length; token++) {
            shapes[token] = shape(bytes[token]);
        }
        sorted = IntStream.range(0, bytes.length)
                .filter(token -> bytes[token].length > 0)
                .boxed()
                .sorted((a, b) -> Arrays.compare(shapes[a], shapes[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        int most = 0;
        for (int token : sorted) {
            most = Math.addExact(most, shapes[token].length);
        }
        short[] nodeLabels = new short[most];
        int[] nodeDepths = new int[most];
        int[] nodeTokenEnds = new int[most];
        int count = 0;
        int depthOfAll = 0;
        short[] before = {};
        for (int i = 0; i < sorted.length; i++) {
            short[] shape = shapes[sorted[i]];
            int mismatch = Arrays.mismatch(before, shape);
            for (int depth = mismatch < 0 ? shape.length : mismatch; depth < shape.length; depth++) {
                nodeLabels[count] = shape[depth];
                nodeDepths[count] = depth + 1;
                nodeTokenEnds[count++] = i;
            }
            nodeTokenEnds[count - 1] = i + 1;
            before = shape;
            depthOfAll = Math.max(depthOfAll, shape.length);
        }
        labels = Arrays.copyOf(nodeLabels, count);
        depths = Arrays.copyOf(nodeDepths, count);
        tokenEnds = Arrays.copyOf(nodeTokenEnds, count);
        deepest = depthOfAll;
        ends = TokenTrie.ends(depths, deepest);
        masks = masks();
    }

    /** Masks of the shapes with the most tokens. */
    private long[][] masks() {
        long[][] found = new long[labels.length][];
        IntStream.range(0, labels.length)
                .filter(node -> tokenEnds[node] - firstToken(node) >= MANY)
                .boxed()
                .sorted(Comparator.comparingInt(node -> firstToken(node) - tokenEnds[node]))
                .limit(MOST_MASKS)
                .forEach(node -> {
                    found[node] = new long[(bytes.length + 63) >> 6];
                    allow(firstToken(node), tokenEnds[node], found[node]);
                });
        return found;
    }

    /** The characters of a token, or its bytes where they are no whole characters. */
    private static short[] shape(byte... token) {
        short[] plain = new short[token.length];
        boolean isAscii = true;
        for (int i = 0; i < plain.length; i++) {
            plain[i] = symbol(token[i]);
            isAscii &= token[i] >= 0;
        }
        return isAscii ? plain : shapeBeyondAscii(token);
    }

    private static short symbol(int character) {
        CharacterClass characterClass = CharacterClass.of(character);
        return (short) (characterClass == null ? character : BYTES + characterClass.ordinal());
    }

    private static short[] shapeBeyondAscii(byte... token) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(token))
                    .toString();
        } catch (CharacterCodingException partOfACharacter) {
            short[] shape = new short[token.length];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = (short) (token[i] & 0xFF);
            }
            return shape;
        }
        int[] characters = text.codePoints().toArray();
        short[] shape = new short[characters.length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = symbol(characters[i]);
        }
        return shape;
    }

    private int firstToken(int node) {
        return node == 0 ? 0 : tokenEnds[node - 1];
    }

    /**
     * Adds the tokens whose bytes can be read from a state.
     *
     * @param allowed a bit for each token, set where it is allowed
     */
    void addAllowed(AutomatonState start, long... allowed) {
        AutomatonState[] path = new AutomatonState[deepest + 1];
        path[0] = start;
        for (int node = 0; node < labels.length; ) {
            int depth = depths[node];
            AutomatonState at = path[depth - 1];
            AutomatonState next;
            if (labels[node] < BYTES) {
                next = at.step((byte) labels[node]);
            } else {
                CharacterStep step = at.characterStep(CLASSES[labels[node] - BYTES]);
                if (!step.isUniform()) {
                    addOneByOne(at, depth - 1, firstToken(node), tokenEnds[ends[node] - 1], allowed);
                }
                next = step.next();
            }
            if (next == null) {
                node = ends[node];
                continue;
            }
            path[depth] = next;
            allow(node, allowed);
            node++;
        }
    }

    /** The tokens of one shape. */
    private void allow(int node, long... allowed) {
        long[] mask = masks[node];
        if (mask == null) {
            allow(firstToken(node), tokenEnds[node], allowed);
            return;
        }
        for (int word = 0; word < allowed.length; word++) {
            allowed[word] |= mask[word];
        }
    }

    private void allow(int from, int to, long... allowed) {
        for (int i = from; i < to; i++) {
            allowed[sorted[i] >> 6] |= 1L << sorted[i];
        }
    }

    /** Reads each token of a range from behind so many characters. */
    private void addOneByOne(AutomatonState from, int characters, int begin, int end, long... allowed) {
        for (int i = begin; i < end; i++) {
            byte[] token = bytes[sorted[i]];
            AutomatonState at = from;
            for (int b = offset(characters, token); b < token.length && at != null; b++) {
                at = at.step(token[b]);
            }
            if (at != null) {
                allowed[sorted[i] >> 6] |= 1L << sorted[i];
            }
        }
    }

    /** Where a character of a text begins. */
    private static int offset(int character, byte... utf8) {
        int offset = 0;
        for (int i = 0; i < character; i++) {
            do {
                offset++;
            } while (offset < utf8.length && (utf8[offset] & 0xC0) == 0x80);
        }
        return offset;
    }
}
