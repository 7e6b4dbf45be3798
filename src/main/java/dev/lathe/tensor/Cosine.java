package dev.lathe.tensor;

/** The cosine of the angle between two vectors, added up in double precision and in their order. */
public final class Cosine {
    private Cosine() {}

    /**
     * The cosine between vectors of one length; 0 if one of them is zero.
     *
     * @param vector as many numbers as the other has
     */
    public static double of(float[] vector, float[] other) {
        double product = 0;
        double square = 0;
        double otherSquare = 0;
        for (int i = 0; i < vector.length; i++) {
            product += (double) vector[i] * other[i];
            square += (double) vector[i] * vector[i];
            otherSquare += (double) other[i] * other[i];
        }
        return square == 0 || otherSquare == 0 ? 0 : product / Math.sqrt(square * otherSquare);
    }
}
