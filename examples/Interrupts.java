import java.lang.reflect.Proxy;

/** Ctrl-C as an event. The JDK has no supported way; where its internal one is missing, Ctrl-C ends the program. */
final class Interrupts {
    private Interrupts() {}

    static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object actor =
                    Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, _) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), actor);
        } catch (ReflectiveOperationException e) {
            System.getLogger("Chat").log(System.Logger.Level.DEBUG, "Ctrl-C ends the program", e);
        }
    }
}
