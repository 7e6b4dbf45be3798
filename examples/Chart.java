import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Draws charts into PNG files, with what the JDK has. */
final class Chart {
    private static final int WIDTH = 720;
    private static final int LABELS = 190;
    private static final int NUMBERS = 70;
    private static final int BAR = 22;
    private static final int GAP = 12;
    private static final int TOP = 44;
    private static final Color INK = new Color(0x20242a);
    private static final Color FILL = new Color(0x3b6ea5);

    private Chart() {}

    /** Horizontal bars from zero, each with its name and number. */
    static void bars(String title, List<String> names, double[] values, Path file) throws IOException {
        System.setProperty("java.awt.headless", "true");
        int height = TOP + values.length * (BAR + GAP) + GAP;
        BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, height);
        graphics.setColor(INK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        graphics.drawString(title, GAP, TOP - 18);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        for (int i = 0; i < values.length; i++) {
            int y = TOP + i * (BAR + GAP);
            int length = largest == 0 ? 0 : (int) Math.round((WIDTH - LABELS - NUMBERS) * values[i] / largest);
            graphics.setColor(FILL);
            graphics.fillRect(LABELS, y, length, BAR);
            graphics.setColor(INK);
            graphics.drawString(names.get(i), GAP, y + 16);
            graphics.drawString(String.format(Locale.ROOT, "%.1f", values[i]), LABELS + length + 6, y + 16);
        }
        graphics.dispose();
        write(image, file);
    }

    /** Points by two numbers, the second from zero up. */
    static void points(String title, String across, double[] xs, double[] ys, Path file) throws IOException {
        System.setProperty("java.awt.headless", "true");
        int height = WIDTH * 5 / 8;
        BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, height);
        graphics.setColor(INK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        graphics.drawString(title, GAP, TOP - 18);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        double least = Arrays.stream(xs).min().orElse(0);
        double most = Arrays.stream(xs).max().orElse(1);
        double highest = Math.max(1e-9, Arrays.stream(ys).max().orElse(1));
        int width = WIDTH - 2 * NUMBERS;
        int tall = height - TOP - NUMBERS;
        graphics.drawLine(NUMBERS, TOP, NUMBERS, TOP + tall);
        graphics.drawLine(NUMBERS, TOP + tall, NUMBERS + width, TOP + tall);
        for (int i = 0; i <= 4; i++) {
            String x = String.format(Locale.ROOT, "%.2f", least + (most - least) * i / 4);
            graphics.drawString(x, NUMBERS + width * i / 4 - 14, TOP + tall + 20);
            graphics.drawString(
                    String.format(Locale.ROOT, "%.3g", highest * i / 4), GAP, TOP + tall - tall * i / 4 + 5);
        }
        graphics.drawString(across, NUMBERS + width / 2 - 30, TOP + tall + 44);
        graphics.setColor(FILL);
        for (int i = 0; i < xs.length; i++) {
            int x = NUMBERS + (int) Math.round(width * (most > least ? (xs[i] - least) / (most - least) : 0.5));
            int y = TOP + tall - (int) Math.round(tall * ys[i] / highest);
            graphics.fillOval(x - 4, y - 4, 8, 8);
        }
        graphics.dispose();
        write(image, file);
    }

    private static void write(BufferedImage image, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        ImageIO.write(image, "png", part.toFile());
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
