package dev.lathe.decode.constraint;

/** Tokens as a trie over their bytes, for states that tell characters apart. Immutable and thread-safe. */
final class TokenTrie {
    private final SymbolTrie trie;

    /** Of the tokens that have bytes. */
    TokenTrie(byte[]... bytes) {
        short[][] texts = new short[bytes.length][];
        for (int token = 0; token < bytes.length; token++) {
            texts[token] = symbols(bytes[token]);
        }
        trie = new SymbolTrie(texts);
    }

    /** Bytes as symbols from 0 to 255. */
    static short[] symbols(byte... bytes) {
        short[] symbols = new short[bytes.length];
        for (int i = 0; i < symbols.length; i++) {
            symbols[i] = (short) Byte.toUnsignedInt(bytes[i]);
        }
        return symbols;
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
            path[depth] = path[depth - 1].step((byte) trie.symbol(node));
            if (path[depth] == null) {
                node = trie.end(node);
            } else {
                trie.allow(trie.firstToken(node), trie.tokensEnd(node), allowed);
                node++;
            }
        }
    }
}
