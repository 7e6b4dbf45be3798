package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import java.util.List;

/** Which pairs of tokens merge into which token, and in what order: the earlier a merge was learnt, the sooner. */
final class MergeTable {
    static final String MERGES = "tokenizer.ggml.merges";

    /** Open-addressed pairs of key (left token, right token, plus 1; 0 is free) and candidate for {@link PairMerger}. */
    private final long[] slots;

    private MergeTable(int merges) {
        slots = new long[2 * Vocabulary.tableSize(merges)];
    }

    static MergeTable from(Metadata metadata, Vocabulary vocabulary) {
        List<String> merges = metadata.strings(MERGES);
        MergeTable table = new MergeTable(merges.size());
        char[] chars = new char[2 * vocabulary.longestPiece()];
        for (int rank = 0; rank < merges.size(); rank++) {
            String merge = merges.get(rank);
            int split = merge.indexOf(' ', 1);
            int length = merge.length() - 1;
            if (split < 0 || split == length) {
                throw new IllegalArgumentException(
                        MERGES + "[" + rank + "] is \"" + merge + "\", expected two pieces with a space between them");
            }
            if (length > chars.length) {
                throw unknownPiece(rank, merge);
            }
            merge.getChars(0, split, chars, 0);
            merge.getChars(split + 1, length + 1, chars, split);
            int leftHash = hash(chars, 0, split, 0);
            int left = vocabulary.find(chars, 0, split, leftHash);
            int right = vocabulary.find(chars, split, length, hash(chars, split, length, 0));
            int merged = vocabulary.find(chars, 0, length, hash(chars, split, length, leftHash));
            if (left < 0 || right < 0 || merged < 0) {
                throw unknownPiece(rank, merge);
            }
            table.put(left, right, PairMerger.candidate(rank, merged));
        }
        return table;
    }

    private static IllegalArgumentException unknownPiece(int rank, String merge) {
        return new IllegalArgumentException(MERGES + "[" + rank + "] is \"" + merge
                + "\", but a part of it or its result is not among " + Vocabulary.TOKENS);
    }

    /** The hash of a string of the slice after a string of hash {@code before}. */
    private static int hash(char[] chars, int from, int to, int before) {
        int hash = before;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + chars[i];
        }
        return hash;
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
