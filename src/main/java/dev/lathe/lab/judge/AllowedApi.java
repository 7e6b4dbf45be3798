package dev.lathe.lab.judge;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What of the class library a judged program may name. A list of what is allowed, not of what is not: a class that
 * nobody thought of is refused. Where a class of the list can do harm by some members, those are listed apart.
 */
final class AllowedApi {
    private static final Set<String> PACKAGES = Set.of(
            "java/math",
            "java/text",
            "java/time",
            "java/time/format",
            "java/time/temporal",
            "java/util/function",
            "java/util/regex",
            "java/util/stream",
            "java/util/concurrent/atomic");

    /** Classes by package; nested ones go with the class around them, unless members of that are listed apart. */
    private static final Map<String, String> CLASSES = Map.of(
            "java/lang",
            """
            AbstractMethodError Appendable ArithmeticException ArrayIndexOutOfBoundsException
            ArrayStoreException AssertionError AutoCloseable Boolean Byte CharSequence Character Class
            ClassCastException Cloneable CloneNotSupportedException Comparable Deprecated Double Enum Error
            Exception ExceptionInInitializerError Float FunctionalInterface IllegalArgumentException
            IllegalStateException IncompatibleClassChangeError IndexOutOfBoundsException Integer
            InterruptedException Iterable LinkageError Long MatchException Math NegativeArraySizeException
            NoSuchFieldError NoSuchFieldException NoSuchMethodError NullPointerException Number
            NumberFormatException Object OutOfMemoryError Override Readable Record ReflectiveOperationException
            Runnable RuntimeException SafeVarargs Short StackOverflowError StackTraceElement StrictMath String
            StringBuffer StringBuilder StringIndexOutOfBoundsException SuppressWarnings System Throwable
            UnsupportedOperationException VirtualMachineError Void""",
            "java/lang/invoke",
            "CallSite MethodHandle MethodHandles MethodType TypeDescriptor LambdaMetafactory StringConcatFactory",
            "java/lang/runtime",
            "ObjectMethods SwitchBootstraps",
            "java/io",
            """
            BufferedReader BufferedWriter ByteArrayInputStream ByteArrayOutputStream Closeable EOFException
            Flushable IOException InputStream InputStreamReader OutputStream PrintStream PrintWriter Reader
            Serializable StringReader StringWriter UncheckedIOException Writer""",
            "java/nio/charset",
            "Charset StandardCharsets",
            "java/util/concurrent",
            """
            Callable ConcurrentHashMap ConcurrentLinkedDeque ConcurrentLinkedQueue ConcurrentMap
            ConcurrentSkipListMap ConcurrentSkipListSet CopyOnWriteArrayList CopyOnWriteArraySet
            ThreadLocalRandom TimeUnit""",
            "java/util",
            """
            AbstractCollection AbstractList AbstractMap AbstractQueue AbstractSequentialList AbstractSet
            ArrayDeque ArrayList Arrays Base64 BitSet Collection Collections Comparator
            ConcurrentModificationException Date Deque DoubleSummaryStatistics DuplicateFormatFlagsException
            EmptyStackException EnumMap EnumSet Enumeration GregorianCalendar Calendar HashMap HashSet Hashtable
            HexFormat IdentityHashMap IllegalFormatException InputMismatchException IntSummaryStatistics
            Iterator LinkedHashMap LinkedHashSet LinkedList List ListIterator Locale LongSummaryStatistics Map
            MissingFormatArgumentException NavigableMap NavigableSet NoSuchElementException Objects Optional
            OptionalDouble OptionalInt OptionalLong PrimitiveIterator PriorityQueue Queue Random RandomAccess
            Scanner SequencedCollection SequencedMap SequencedSet Set SortedMap SortedSet Spliterator
            Spliterators SplittableRandom Stack StringJoiner StringTokenizer TreeMap TreeSet UUID
            UnknownFormatConversionException Vector WeakHashMap""");

    /** Of these classes, these members alone. None is there to be a supertype. */
    private static final Map<String, Set<String>> ONLY = Map.of(
            "java/lang/System",
            Set.of(
                    "out",
                    "err",
                    "in",
                    "nanoTime",
                    "currentTimeMillis",
                    "arraycopy",
                    "identityHashCode",
                    "lineSeparator"),
            "java/lang/Class",
            Set.of(
                    "getName",
                    "getSimpleName",
                    "isInstance",
                    "cast",
                    "hashCode",
                    "equals",
                    "toString",
                    "isArray",
                    "desiredAssertionStatus",
                    "getEnumConstants"),
            "java/lang/invoke/CallSite",
            Set.of(),
            "java/lang/invoke/MethodHandle",
            Set.of(),
            "java/lang/invoke/MethodHandles",
            Set.of(),
            "java/lang/invoke/MethodHandles$Lookup",
            Set.of(),
            "java/lang/invoke/MethodType",
            Set.of(),
            "java/lang/invoke/TypeDescriptor",
            Set.of());

    /** Members that open files by a name, or change what later programs see. */
    private static final Set<String> REFUSED = Set.of(
            "java/io/PrintStream.<init>(Ljava/lang/String;)V",
            "java/io/PrintStream.<init>(Ljava/lang/String;Ljava/lang/String;)V",
            "java/io/PrintStream.<init>(Ljava/lang/String;Ljava/nio/charset/Charset;)V",
            "java/io/PrintWriter.<init>(Ljava/lang/String;)V",
            "java/io/PrintWriter.<init>(Ljava/lang/String;Ljava/lang/String;)V",
            "java/io/PrintWriter.<init>(Ljava/lang/String;Ljava/nio/charset/Charset;)V",
            "java/util/Locale.setDefault(Ljava/util/Locale;)V",
            "java/util/Locale.setDefault(Ljava/util/Locale$Category;Ljava/util/Locale;)V");

    private final Map<String, Set<String>> classes = new HashMap<>();

    AllowedApi() {
        CLASSES.forEach((name, list) -> classes.put(name, Set.of(list.split("\\s+"))));
    }

    /** Whether a class may be named. */
    boolean allowsType(String internalName) {
        int slash = internalName.lastIndexOf('/');
        if (slash < 0) {
            return false;
        }
        String packageName = internalName.substring(0, slash);
        int nested = internalName.indexOf('$');
        String outer = internalName.substring(slash + 1, nested < 0 ? internalName.length() : nested);
        if (nested >= 0 && ONLY.containsKey(internalName.substring(0, nested)) && !ONLY.containsKey(internalName)) {
            return false;
        }
        return PACKAGES.contains(packageName)
                || classes.getOrDefault(packageName, Set.of()).contains(outer);
    }

    /** Whether a member of an allowed class may be named. */
    boolean allowsMember(String owner, String name, String descriptor) {
        Set<String> only = ONLY.get(owner);
        return (only == null || only.contains(name)) && !REFUSED.contains(owner + "." + name + descriptor);
    }
}
