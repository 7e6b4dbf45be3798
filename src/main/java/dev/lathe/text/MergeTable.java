package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.StringArray;

/** Which pairs of tokens merge into which token, and in what order: the earlier a merge was learnt, the sooner. */
final class MergeTable {
    static final String MERGES = "tokenizer.ggml.merges";

    /** Open-addressed: a key (both tokens, plus 1; 0 is free), then its candidate for {@link PairMerger}. */
    private final long[] slots;

    private MergeTable(int merges) {
        slots = new long[2 * Vocabulary.tableSize(merges)];
    }

    static MergeTable from(Metadata metadata, Vocabulary vocabulary) {
        return of(metadata.stringArray(MERGES), vocabulary);
    }

    /** @param merges each two pieces with a space between, the first learnt first */
    static MergeTable of(StringArray merges, Vocabulary vocabulary) {
        MergeTable table = new MergeTable(merges.length());
        char[] chars = new char[2 * vocabulary.longestPiece() + 1];
        int merged = -1;
        for (int rank = 0; rank < merges.length(); rank++) {
            if (merges.byteCount(rank) > chars.length) {
                chars = new char[merges.byteCount(rank)];
            }
            int end = merges.get(rank, chars, 0);
            int split = 0;
            int leftHash = 0;
            for (; split < end && (chars[split] != ' ' || split == 0); split++) {
                leftHash = 31 * leftHash + chars[split];
            }
            if (split >= end - 1) {
                throw new IllegalArgumentException(MERGES + "[" + rank + "] is \"" + merges.get(rank)
                        + "\", expected two pieces with a space between them");
            }
            int rightHash = 0;
            int hash = leftHash;
            for (int i = split; i < end - 1; i++) { // closes the gap
                chars[i] = chars[i + 1];
                rightHash = 31 * rightHash + chars[i];
                hash = 31 * hash + chars[i];
            }
            int left = vocabulary.find(chars, 0, split, leftHash);
            int right = vocabulary.find(chars, split, end - 1, rightHash);
            // Vocabularies are mostly in the order of their merges: the next token is a good guess.
            merged = vocabulary.isPiece(merged + 1, chars, 0, end - 1)
                    ? merged + 1
                    : vocabulary.find(chars, 0, end - 1, hash);
            if (left < 0 || right < 0 || merged < 0) {
                throw new IllegalArgumentException(MERGES + "[" + rank + "] is \"" + merges.get(rank)
                        + "\", but a part of it or its result is not among " + Vocabulary.TOKENS);
            }
            if (!vocabulary.isSpecial(merged)) { // No spelling of a control token leads to it.
                table.put(left, right, PairMerger.candidate(rank, merged));
            }
        }
        return table;
    }

    private void put(int left, int right, long candidate) {
        long key = key(left, right);
        int slot = firstSlot(key);
        for (int probes = 0; slots[slot] != 0; slot = slot + 2 & slots.length - 1) {
            if (slots[slot] == key) {
                return; // The first of equal merges is the one that counts.
            }
            if (++probes > Vocabulary.MOST_PROBES) {
                throw new IllegalArgumentException(
                        MERGES + " has over " + Vocabulary.MOST_PROBES + " pairs with close hashes");
            }
        }
        slots[slot] = key;
        slots[slot + 1] = candidate;
    }

    /** What the pair merges to, for {@link PairMerger}. */
    long find(int left, int right) {
        long key = key(left, right);
        for (int slot = firstSlot(key); slots[slot] != 0; slot = slot + 2 & slots.length - 1) {
            if (slots[slot] == key) {
                return slots[slot + 1];
            }
        }
        return PairMerger.NONE;
    }

    private static long key(int left, int right) {
        return ((long) left << 32 | right) + 1;
    }

    private int firstSlot(long key) {
        return (int) (key * 0x9E3779B97F4A7C15L >>> Long.numberOfLeadingZeros(slots.length / 2 - 1)) * 2;
    }
}
