package dev.lathe.model.decoder;

import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows that go through the layers together, of one text or of several: the weights are read once for all of them.
 * A row meets the same numbers in the same order whoever its neighbours are.
 */
final class Pass {
    /** Enough rows to reuse each weight, few enough to stay in the cache. */
    static final int MOST_ROWS = 512;

    private final List<TextRows> texts;
    private final int[] first; // [texts + 1] the first row of each in the pass

    private Pass(List<TextRows> texts) {
        this.texts = texts;
        first = new int[texts.size() + 1];
        for (int text = 0; text < texts.size(); text++) {
            first[text + 1] = first[text] + texts.get(text).rows();
        }
    }

    static Pass of(TextRows... texts) {
        return new Pass(List.of(texts));
    }

    /** All rows, cut into passes of at most {@link #MOST_ROWS}. */
    static List<Pass> cut(List<TextRows> texts) {
        List<Pass> passes = new ArrayList<>();
        List<TextRows> open = new ArrayList<>();
        int room = MOST_ROWS;
        for (TextRows text : texts) {
            for (int from = 0, count; from < text.rows(); from += count) {
                count = Math.min(room, text.rows() - from);
                open.add(text.piece(from, count));
                room -= count;
                if (room == 0) {
                    passes.add(new Pass(List.copyOf(open)));
                    open.clear();
                    room = MOST_ROWS;
                }
            }
        }
        if (!open.isEmpty()) {
            passes.add(new Pass(List.copyOf(open)));
        }
        return passes;
    }

    int rows() {
        return first[texts.size()];
    }

    int textCount() {
        return texts.size();
    }

    /** The rows of one text. */
    TextRows text(int text) {
        return texts.get(text);
    }

    /** Where the rows of a text begin. */
    int firstRow(int text) {
        return first[text];
    }

    int token(int row) {
        int text = textOf(row);
        return texts.get(text).token(row - first[text]);
    }

    /** The kind of the row's token. */
    int tokenType(int row) {
        int text = textOf(row);
        return texts.get(text).tokenType(row - first[text]);
    }

    boolean logitsWanted(int row) {
        int text = textOf(row);
        return texts.get(text).logitsWanted(row - first[text]);
    }

    /** The row's position in its text. */
    int position(int row) {
        int text = textOf(row);
        return texts.get(text).position(row - first[text]);
    }

    /** Stores one row's keys and values in its text's cache. */
    void write(int row, int layer, FloatMatrix keys, FloatMatrix values) {
        int text = textOf(row);
        TextRows rows = texts.get(text);
        rows.cache(layer)
                .write(rows.slot(row - first[text]), keys.data(), keys.offset(row), values.data(), values.offset(row));
    }

    /** A layer has computed all rows. */
    void evaluated(int layer) {
        texts.forEach(text -> text.evaluated(layer));
    }

    private int textOf(int row) {
        int text = 0;
        while (row >= first[text + 1]) {
            text++;
        }
        return text;
    }
}
