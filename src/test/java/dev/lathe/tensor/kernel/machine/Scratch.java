package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.*;
import java.lang.foreign.*;
import java.util.*;

public class Scratch {
    static int integer(TileLayout l, int[] t, int tile, int c, int r) {
        int v = l.integers().get(t, tile + l.integersOffset(c / 32), c % 32, r);
        return l.signed() ? v - l.integers().center() : v;
    }
    static float half(int bits) { return Float.intBitsToFloat((bits & 0x8000) << 16 | (bits & 0x7fff) << 13) * 0x1p112f; }
    static float sup(TileLayout l, int[] t, int tile, int block, int w, int row) { return half(IntegerPlane.half(t, tile + l.superScalesOffset(block), w, row)); }
    static float scale(TileLayout l, int[] t, int tile, int column, int row) {
        int block = column / 32; int bits = IntegerPlane.half(t, tile + l.scalesOffset(block), 0, row); int h = column % 32 / 16;
        return switch (l.scales()) {
            case SCALE, SCALE_AND_MINIMUM -> half(bits);
            case SCALE_OF_256 -> sup(l, t, tile, block, 0, row);
            case BRAIN_SCALE -> Float.intBitsToFloat(bits << 16);
            case SUPER_SCALE -> sup(l, t, tile, block, 0, row) * (short) bits;
            case SUPER_SCALE_AND_MINIMUM -> sup(l, t, tile, block, 0, row) * (bits & 255);
            case SUPER_SCALE_OF_16 -> sup(l, t, tile, block, 0, row) * (byte) (bits >>> 8 * h);
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> sup(l, t, tile, block, 0, row) * (bits >>> 8 * h & 15);
        };
    }
    static float minimum(TileLayout l, int[] t, int tile, int column, int row) {
        int block = column / 32; int so = tile + l.scalesOffset(block); int bits = IntegerPlane.half(t, so, 0, row); int h = column % 32 / 16;
        return switch (l.scales()) {
            case SCALE_AND_MINIMUM -> half(IntegerPlane.half(t, so, 1, row));
            case SUPER_SCALE_AND_MINIMUM -> -sup(l, t, tile, block, 1, row) * (bits >>> 8);
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> -sup(l, t, tile, block, 1, row) * (bits >>> 8 * h + 4 & 15);
            default -> 0;
        };
    }
    static void halfFill(int[] t, int at, int words, Random r) {
        for (int w = 0; w < words; w++) for (int i = 0; i < 32; i++) {
            int a = Float.floatToFloat16((r.nextFloat() - 0.3f) * 0.01f) & 0xffff, b = Float.floatToFloat16((r.nextFloat() - 0.3f) * 0.00002f) & 0xffff;
            t[at + w * 32 + i] = a | b << 16;
        }
    }
    public static void main(String[] args) {
        boolean speed = args.length > 1;
        TileLayout[] layouts = {
            new TileLayout(IntegerPlane.FOUR, true, ScalePlane.SCALE), new TileLayout(IntegerPlane.FOUR, false, ScalePlane.SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.FIVE, true, ScalePlane.SCALE), new TileLayout(IntegerPlane.FIVE, false, ScalePlane.SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.EIGHT, true, ScalePlane.SCALE), new TileLayout(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SCALE),
            new TileLayout(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SUPER_SCALE), new TileLayout(IntegerPlane.FLOAT_FOUR, true, ScalePlane.BRAIN_SCALE),
            new TileLayout(IntegerPlane.TWO, false, ScalePlane.SUPER_SCALE_AND_MINIMUM_OF_16), new TileLayout(IntegerPlane.THREE, true, ScalePlane.SUPER_SCALE_OF_16),
            new TileLayout(IntegerPlane.TERNARY, true, ScalePlane.SCALE_OF_256), new TileLayout(IntegerPlane.FOUR, false, ScalePlane.SUPER_SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.FIVE, false, ScalePlane.SUPER_SCALE_AND_MINIMUM), new TileLayout(IntegerPlane.SIX, true, ScalePlane.SUPER_SCALE_OF_16)};
        for (String name : args[0].split(",")) {
            Target target = Target.valueOf(name);
            for (TileLayout l : layouts) {
                Random r = new Random(1);
                boolean big = args.length > 1 && args[1].equals("big");
                int blocks = speed ? 64 : 16, tiles = big ? 512 : speed ? 4 : 2, columns = blocks * 32;
                int tileInts = l.tileInts(blocks);
                int[] w = new int[tiles * tileInts];
                for (int i = 0; i < w.length; i++) w[i] = r.nextInt();
                for (int t = 0; t < tiles; t++) for (int b = 0; b < blocks; b++) {
                    if (b % 8 == 0 && l.superInts() > 0) halfFill(w, t * tileInts + l.superScalesOffset(b), l.scales().superWords(), r);
                    if (l.scales() == ScalePlane.SCALE || l.scales() == ScalePlane.SCALE_AND_MINIMUM) halfFill(w, t * tileInts + l.scalesOffset(b), l.scales().blockWords(), r);
                    if (l.scales() == ScalePlane.BRAIN_SCALE) for (int i = 0; i < 32; i++) w[t * tileInts + l.scalesOffset(b) + i] = 0x3a803b00;
                }
                MemorySegment seg = Arena.global().allocate(4L * w.length, 4096);
                MemorySegment.copy(w, 0, seg, ValueLayout.JAVA_INT, 0, w.length);
                int groups = 32 / l.scales().columns();
                ProductCode pc = new ProductCode(target, l);
                int[] order = new IntegerFields(l.integers()).order();
                StringBuilder line = new StringBuilder(target + " " + l.integers() + " " + l.scales() + " " + ByteDot.of(target, l) + ":");
                int most = 20;
                byte[] x = new byte[most * columns]; float[] xs = new float[most * blocks];
                for (int i = 0; i < x.length; i++) x[i] = (byte) (r.nextInt(255) - 127);
                if (!speed) Arrays.fill(x, 0, 64, (byte) 127);
                if (!speed) Arrays.fill(x, 64, 128, (byte) -127);
                for (int i = 0; i < xs.length; i++) xs[i] = r.nextFloat();
                float[] expect = new float[most * tiles * 64];
                if (!speed) for (int q = 0; q < most; q++) for (int row = 0; row < tiles * 64; row++) {
                    float o = 0; int tile = row / 64 * tileInts;
                    for (int c = 0; c < columns; c += l.scales().columns()) {
                        int s = 0, sx = 0;
                        for (int k = 0; k < l.scales().columns(); k++) { int v = x[q * columns + c + k]; s += v * integer(l, w, tile, c + k, row % 64); sx += v; }
                        o = Math.fma((float) s, scale(l, w, tile, c, row % 64) * xs[q * blocks + c / 32], o);
                        if (l.scales().hasMinimum()) o = Math.fma(minimum(l, w, tile, c, row % 64) * xs[q * blocks + c / 32], (float) sx, o);
                    }
                    expect[q * tiles * 64 + row] = o;
                }
                int per = layout8(l);
                for (int rows = 1; rows <= ProductCode.mostPackedRows(target); rows++) {
                    if (speed && rows != 1 && rows != 4 && rows != 8) continue;
                    byte[] code = pc.packed(rows);
                    MachineCode m = MachineCode.install(code, Arena.global());
                    byte[] panel = panel(x, xs, order, l, rows, 0, columns, groups);
                    float[] out = new float[rows * tiles * 64], work = new float[rows * 64];
                    MemorySegment sp = MemorySegment.ofArray(panel), so = MemorySegment.ofArray(out), sw = MemorySegment.ofArray(work);
                    m.call(0, sp, so, sw, MemorySegment.NULL, seg.address(), blocks / per, tiles, tiles * 256L);
                    if (!speed) {
                        int bad = 0;
                        for (int i = 0; i < out.length; i++) if (Float.floatToRawIntBits(out[i]) != Float.floatToRawIntBits(expect[i])) bad++;
                        line.append(" ").append(bad);
                    } else {
                        double best = 1e18; int n = big ? 1 : 20;
                        for (int rep = 0; rep < (big ? 12 : 200); rep++) { long t0 = System.nanoTime(); for (int i = 0; i < n; i++) m.call(0, sp, so, sw, MemorySegment.NULL, seg.address(), blocks / per, tiles, tiles * 256L); best = Math.min(best, (System.nanoTime() - t0) / (double) n); }
                        line.append(String.format(" %d rows %.1f GMAC/s %.1f GB/s;", rows, rows * 64.0 * columns * tiles / best, w.length * 4 / best));
                    }
                }
                // many rows
                int R = ProductCode.mostUnpackedRows(target), panels = 2, chunk = 8;
                MachineCode unpack = MachineCode.install(pc.unpack(), Arena.global()), many = MachineCode.install(pc.unpacked(R), Arena.global());
                int pb = Panels.blockBytes(R, groups) * blocks;
                byte[] all = new byte[panels * pb];
                for (int p = 0; p < panels; p++) System.arraycopy(panel(x, xs, order, l, R, p * R, columns, groups), 0, all, p * pb, pb);
                float[] totals = new float[panels * R * 64]; float[] un = new float[chunk * UnpackedTile.blockBytes(l) / 4];
                MemorySegment sa = MemorySegment.ofArray(all), st = MemorySegment.ofArray(totals), su = MemorySegment.ofArray(un);
                int bad = 0;
                for (int tile = 0; tile < tiles && !big; tile++) {
                    Arrays.fill(totals, 0f);
                    for (int b = 0; b < blocks; b += chunk) {
                        long base = seg.address() + 4L * tile * tileInts;
                        unpack.call(0, MemorySegment.NULL, MemorySegment.NULL, su, MemorySegment.NULL, base + 4L * l.scalesOffset(b), chunk, base + 4L * l.superScalesOffset(b), 0);
                        many.call(0, sa.asSlice((long) b * Panels.blockBytes(R, groups)), st, su, MemorySegment.NULL, 0, chunk, panels, pb);
                    }
                    for (int q = 0; q < panels * R; q++) for (int i = 0; i < 64; i++) if (Float.floatToRawIntBits(totals[q * 64 + i]) != Float.floatToRawIntBits(expect[q * tiles * 64 + tile * 64 + i])) bad++;
                }
                line.append(" many ").append(bad);
                if (speed && !big) {
                    int P = 512 / R; byte[] lots = new byte[P * pb]; for (int p = 0; p < P; p++) System.arraycopy(all, 0, lots, p * pb, pb);
                    float[] tt = new float[P * R * 64]; MemorySegment sl = MemorySegment.ofArray(lots), stt = MemorySegment.ofArray(tt);
                    double best = 1e18, bu = 1e18;
                    for (int rep = 0; rep < 30; rep++) { long t0 = System.nanoTime(); for (int b = 0; b < blocks; b += chunk) many.call(0, sl.asSlice((long) b * Panels.blockBytes(R, groups)), stt, su, MemorySegment.NULL, 0, chunk, P, pb); best = Math.min(best, System.nanoTime() - t0);
                        t0 = System.nanoTime(); for (int b = 0; b < blocks; b += chunk) unpack.call(0, MemorySegment.NULL, MemorySegment.NULL, su, MemorySegment.NULL, seg.address() + 4L * l.scalesOffset(b), chunk, seg.address() + 4L * l.superScalesOffset(b), 0); bu = Math.min(bu, System.nanoTime() - t0); }
                    line.append(String.format(" %.1f GMAC/s; unpack %.1f us a tile of 2048", P * R * 64.0 * columns / best, bu / 1000));
                }
                System.out.println(line);
            }
        }
    }
    static int layout8(TileLayout l) { return l.superInts() > 0 ? 8 : 1; }
    static byte[] panel(byte[] x, float[] xs, int[] order, TileLayout l, int rows, int first, int columns, int groups) {
        int blocks = columns / 32;
        java.nio.ByteBuffer p = java.nio.ByteBuffer.allocate(blocks * Panels.blockBytes(rows, groups)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int b = 0; b < blocks; b++) {
            for (int r = first; r < first + rows; r++) for (int i = 0; i < 32; i++) p.put(x[r * columns + b * 32 + order[i]]);
            for (int r = first; r < first + rows; r++) p.putFloat(xs[r * blocks + b]);
            for (int g = 0; g < groups; g++) for (int r = first; r < first + rows; r++) {
                int s = 0; for (int i = 0; i < 32 / groups; i++) s += x[r * columns + b * 32 + g * 32 / groups + i];
                p.putInt(l.signed() ? -l.integers().center() * s : s);
            }
        }
        return p.array();
    }
}
