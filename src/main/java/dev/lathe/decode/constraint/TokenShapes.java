package dev.lathe.decode.constraint;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Tokens as a trie over their shapes: their characters, where all of one {@link CharacterClass} count as the same.
 * There are far fewer shapes than tokens, and a state that does not tell the characters of a class apart allows all
 * tokens of a shape or none. Where a state on the way tells them apart, the tokens after it are looked at one by one.
 * Immutable and thread-safe.
 */
final class TokenShapes {
    private static final CharacterClass[] CLASSES = CharacterClass.values();
    private static final int BYTES = 256; // symbols from here on are classes
    private static final int MANY = 256; // tokens of one shape, which has a mask of its own
    private static final int MOST_MASKS = 64; // more than that many would not stay in a processor's cache

    private final byte[][] bytes; // [token]
    private final SymbolTrie trie;
    private final long[][] masks; // [node] its tokens, where they are many; else null

    /** Of the tokens that have bytes; takes ownership of these. */
    TokenShapes(byte[]... bytes) {
        this.bytes = bytes;
        short[][] shapes = new short[bytes.length][];
        for (int token = 0; token < bytes.length; token++) {
            shapes[token] = shape(bytes[token]);
        }
        trie = new SymbolTrie(shapes);
        masks = masks();
    }

    /** Masks of the shapes with the most tokens. */
    private long[][] masks() {
        long[][] found = new long[trie.nodeCount()][];
        IntStream.range(0, found.length)
                .filter(node -> tokens(node) >= MANY)
                .boxed()
                .sorted(Comparator.comparingInt(node -> -tokens(node)))
                .limit(MOST_MASKS)
                .forEach(node -> {
                    found[node] = new long[(bytes.length + 63) >> 6];
                    trie.allow(trie.firstToken(node), trie.tokensEnd(node), found[node]);
                });
        return found;
    }

    private int tokens(int node) {
        return trie.tokensEnd(node) - trie.firstToken(node);
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
            return TokenTrie.symbols(token);
        }
        int[] characters = text.codePoints().toArray();
        short[] shape = new short[characters.length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = symbol(characters[i]);
        }
        return shape;
    }

    /**
     * Adds the tokens whose bytes can be read from a state.
     *
     * @param allowed a bit for each token, set where it is allowed
     */
    void addAllowed(AutomatonState start, long... allowed) {
        AutomatonState[] path = new AutomatonState[trie.deepest() + 1];
        path[0] = start;
        for (int node = 0; node < trie.nodeCount(); ) {
            int depth = trie.depth(node);
            int symbol = trie.symbol(node);
            AutomatonState at = path[depth - 1];
            AutomatonState next;
            if (symbol < BYTES) {
                next = at.step((byte) symbol);
            } else {
                CharacterStep step = at.characterStep(CLASSES[symbol - BYTES]);
                if (!step.isUniform()) {
                    addOneByOne(at, depth - 1, trie.firstToken(node), trie.tokensEnd(trie.end(node) - 1), allowed);
                }
                next = step.next();
            }
            if (next == null) {
                node = trie.end(node);
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
            trie.allow(trie.firstToken(node), trie.tokensEnd(node), allowed);
            return;
        }
        for (int word = 0; word < allowed.length; word++) {
            allowed[word] |= mask[word];
        }
    }

    /** Reads each token of a range after so many characters. */
    private void addOneByOne(AutomatonState from, int characters, int begin, int end, long... allowed) {
        for (int i = begin; i < end; i++) {
            byte[] token = bytes[trie.token(i)];
            AutomatonState at = from;
            for (int b = offset(characters, token); b < token.length && at != null; b++) {
                at = at.step(token[b]);
            }
            if (at != null) {
                trie.allow(i, i + 1, allowed);
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
