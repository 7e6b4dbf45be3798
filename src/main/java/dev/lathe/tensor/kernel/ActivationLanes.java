package dev.lathe.tensor.kernel;

/** Memory of the derived forms of activations, in the order of the columns; a form that nobody asked for is empty. */
public final class ActivationLanes {
    private final int size;

    /** {@link LaneForm#SHORTS}, one for each value. */
    public short[] shorts = {};
    /** {@link LaneForm#DIFFERENCES}, one for each value. */
    public short[] differences = {};
    /** {@link LaneForm#PAIRS}, one for two values. */
    public short[] pairs = {};
    /** {@link LaneForm#EIGHTS}, one for eight values. */
    public short[] eights = {};
    /** {@link LaneForm#FLOATS}, one for each value. */
    public float[] floats = {};

    /** Room for the forms of so many values. */
    ActivationLanes(int size) {
        this.size = size;
    }

    /** Makes room for a form where there is none. */
    void reserve(LaneForm form) {
        switch (form) {
            case SHORTS -> shorts = room(shorts, size);
            case DIFFERENCES -> differences = room(differences, size);
            case PAIRS -> pairs = room(pairs, size / 2);
            case EIGHTS -> eights = room(eights, size / 8);
            case FLOATS -> floats = floats.length == size ? floats : new float[size];
        }
    }

    private static short[] room(short[] present, int size) {
        return present.length == size ? present : new short[size];
    }
}
