/* SPDX-License-Identifier: MIT
 * reserved.c: names that C, C++ and their common headers have given a meaning. */
#include "emit/reserved.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- words: nothing can have such a name ------------------------------------------------------------------------- */

static const char *const keywords[] = {
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await co_return ",
    " co_yield compl complex concept const const_cast consteval constexpr constinit continue decltype default delete do double ",
    " dynamic_cast else enum explicit export extern false float for friend goto if imaginary inline int long mutable namespace new ",
    " noexcept noreturn not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires restrict ",
    " return short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef ",
    " typeid typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq ",
};
/* Types that the header uses. */
static const char *const types[] = {
    " size_t ssize_t ptrdiff_t intptr_t uintptr_t intmax_t uintmax_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t ",
    " uint64_t max_align_t nullptr_t wint_t off_t time_t ",
};
/* Macros without parameters, of the C standard's and POSIX' headers; some compilers have linux, unix, near and far. */
static const char *const macros[] = {
    " ACCESSPERMS AIO_PRIO_DELTA_MAX ALLPERMS BC_BASE_MAX BC_DIM_MAX BC_SCALE_MAX BC_STRING_MAX BIG_ENDIAN BUFSIZ BYTE_ORDER ",
    " CHARCLASS_NAME_MAX CLOCKS_PER_SEC COLL_WEIGHTS_MAX DECIMAL_DIG DEFFILEMODE DELAYTIMER_MAX E2BIG EACCES EADDRINUSE ",
    " EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ",
    " ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG ",
    " EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED ",
    " EKEYREVOKED EL2HLT EL2NSYNC EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP EMEDIUMTYPE EMFILE EMLINK ",
    " EMSGSIZE EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA ENODEV ENOENT ",
    " ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK ENOTCONN ",
    " ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENOTUNIQ ENXIO EOF EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM ",
    " EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART ERFKILL EROFS ESHUTDOWN ",
    " ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EWOULDBLOCK ",
    " EXDEV EXFULL EXPR_NEST_MAX FAPPEND FASYNC FFSYNC FILENAME_MAX FNDELAY FNONBLOCK FOPEN_MAX HOST_NAME_MAX HUGE_VAL HUGE_VALF ",
    " HUGE_VALL I INFINITY ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL LINE_MAX LITTLE_ENDIAN LOGIN_NAME_MAX L_ctermid L_tmpnam ",
    " MATH_ERREXCEPT MATH_ERRNO MAXNAMLEN MAX_CANON MAX_INPUT MB_CUR_MAX MB_LEN_MAX MCL_CURRENT MCL_FUTURE MCL_ONFAULT MINSIGSTKSZ ",
    " MQ_PRIO_MAX NAME_MAX NAN NFDBITS NGREG NGROUPS_MAX NSIG NULL ONCE_FLAG_INIT PATH_MAX PDP_ENDIAN PIPE_BUF PRId16 PRId32 PRId64 ",
    " PRId8 PRIdFAST16 PRIdFAST32 PRIdFAST64 PRIdFAST8 PRIdLEAST16 PRIdLEAST32 PRIdLEAST64 PRIdLEAST8 PRIdMAX PRIdPTR PRIi16 PRIi32 ",
    " PRIi64 PRIi8 PRIiFAST16 PRIiFAST32 PRIiFAST64 PRIiFAST8 PRIiLEAST16 PRIiLEAST32 PRIiLEAST64 PRIiLEAST8 PRIiMAX PRIiPTR PRIo16 ",
    " PRIo32 PRIo64 PRIo8 PRIoFAST16 PRIoFAST32 PRIoFAST64 PRIoFAST8 PRIoLEAST16 PRIoLEAST32 PRIoLEAST64 PRIoLEAST8 PRIoMAX PRIoPTR ",
    " PRIu16 PRIu32 PRIu64 PRIu8 PRIuFAST16 PRIuFAST32 PRIuFAST64 PRIuFAST8 PRIuLEAST16 PRIuLEAST32 PRIuLEAST64 PRIuLEAST8 PRIuMAX ",
    " PRIuPTR PRIx16 PRIx32 PRIx64 PRIx8 PRIxFAST16 PRIxFAST32 PRIxFAST64 PRIxFAST8 PRIxLEAST16 PRIxLEAST32 PRIxLEAST64 PRIxLEAST8 ",
    " PRIxMAX PRIxPTR P_tmpdir RE_DUP_MAX RTSIG_MAX R_OK SCNd16 SCNd32 SCNd64 SCNd8 SCNdFAST16 SCNdFAST32 SCNdFAST64 SCNdFAST8 ",
    " SCNdLEAST16 SCNdLEAST32 SCNdLEAST64 SCNdLEAST8 SCNdMAX SCNdPTR SCNi16 SCNi32 SCNi64 SCNi8 SCNiFAST16 SCNiFAST32 SCNiFAST64 ",
    " SCNiFAST8 SCNiLEAST16 SCNiLEAST32 SCNiLEAST64 SCNiLEAST8 SCNiMAX SCNiPTR SCNo16 SCNo32 SCNo64 SCNo8 SCNoFAST16 SCNoFAST32 ",
    " SCNoFAST64 SCNoFAST8 SCNoLEAST16 SCNoLEAST32 SCNoLEAST64 SCNoLEAST8 SCNoMAX SCNoPTR SCNu16 SCNu32 SCNu64 SCNu8 SCNuFAST16 ",
    " SCNuFAST32 SCNuFAST64 SCNuFAST8 SCNuLEAST16 SCNuLEAST32 SCNuLEAST64 SCNuLEAST8 SCNuMAX SCNuPTR SCNx16 SCNx32 SCNx64 SCNx8 ",
    " SCNxFAST16 SCNxFAST32 SCNxFAST64 SCNxFAST8 SCNxLEAST16 SCNxLEAST32 SCNxLEAST64 SCNxLEAST8 SCNxMAX SCNxPTR SEM_FAILED ",
    " SEM_VALUE_MAX SIZE_MAX SSIZE_MAX SS_DISABLE SS_ONSTACK STDERR_FILENO STDIN_FILENO STDOUT_FILENO S_BLKSIZE TIME_UTC ",
    " TSS_DTOR_ITERATIONS TTY_NAME_MAX WAIT_ANY WAIT_MYPGRP WCONTINUED WCOREFLAG WEOF WEXITED WNOHANG WNOWAIT WSTOPPED WUNTRACED ",
    " W_OK XATTR_LIST_MAX XATTR_NAME_MAX XATTR_SIZE_MAX X_OK d_fileno errno far i386 linux math_errhandling near sa_handler ",
    " sa_sigaction si_addr si_addr_lsb si_arch si_band si_call_addr si_fd si_int si_lower si_overrun si_pid si_pkey si_ptr si_status ",
    " si_stime si_syscall si_timerid si_uid si_upper si_utime si_value sigev_notify_attributes sigev_notify_function signbit ",
    " st_atime st_ctime st_mtime stderr stdin stdout unix ",
};
/* Families of such macros: all capitals, and a name begins so. */
static const char *const families[] = {
    "PRI",   "SCN",   "SIG",    "LC_",    "S_I",    "MAP_",     "MADV_",   "PTHREAD_", "POLL",   "POSIX_", "CLOCK_",
    "CLD_",  "FLT_",  "DBL_",   "LDBL_",  "SA_",    "SI_",      "SEGV_",   "FE_",      "FP_",    "FPE_",   "ATOMIC_",
    "RTLD_", "ILL_",  "BUS_",   "TRAP_",  "DT_",    "F_",       "O_",      "M_",       "INT8",   "INT16",  "INT32",
    "INT64", "INT_",  "INTMAX", "INTPTR", "UINT",   "SEEK_",    "CLONE_",  "SCHED_",   "AT_",    "PROT_",  "MS_",
    "LOCK_", "SHRT_", "USHRT_", "LONG_",  "ULONG_", "LLONG_",   "ULLONG_", "CHAR_",    "SCHAR_", "UCHAR_", "WCHAR_",
    "WINT_", "FD_",   "RAND_",  "EXIT_",  "TIMER_", "PTRDIFF_", "L_",      "TMP_",     "RLIM",   "UTIME_", "NNRT_",
};

/* ---- functions: a program's type cannot have such a name ----------------------------------------------------------- */

/* Functions, macros with parameters and structs of the C standard's and POSIX' headers and some others, the namespaces of C++,
 * and beginnings of names (pthread_create) that a function of a program could meet. */
static const char *const functions[] = {
    " DIR FILE a64l abort abs accept access acct acos acosf acosh acoshf acoshl acosl adjtime aio alarm aligned_alloc alloca ",
    " alphasort arc4random arc4random_buf arc4random_uniform asctime asin asinf asinh asinhf asinhl asinl asprintf assert ",
    " assert_perror at_quick_exit atan atan2 atan2f atan2l atanf atanh atanhf atanhl atanl atexit atof atoi atol atoll atomic ",
    " basename bcmp bcopy bind bool_t brk bsearch btowc bzero c16rtomb c32rtomb c8rtomb cabs cabsf cabsl cacos cacosf cacosh cacoshf ",
    " cacoshl cacosl call_once calloc canonicalize canonicalize_file_name canonicalizef canonicalizel carg cargf cargl casin casinf ",
    " casinh casinhf casinhl casinl catan catanf catanh catanhf catanhl catanl cbrt cbrtf cbrtl ccos ccosf ccosh ccoshf ccoshl ccosl ",
    " ceil ceilf ceill cexp cexpf cexpl chdir chmod chown chroot cimag cimagf cimagl clearenv clearerr clock clog clog10 clog10f ",
    " clog10l clogf clogl clone close close_range closedir closefrom closelog cnd confstr conj conjf conjl connect copy_file_range ",
    " copysign copysignf copysignl cos cosf cosh coshf coshl cosl cpow cpowf cpowl cproj cprojf cprojl creal crealf creall creat ",
    " crypt csin csinf csinh csinhf csinhl csinl csqrt csqrtf csqrtl ctan ctanf ctanh ctanhf ctanhl ctanl ctermid ctime cuserid dadd ",
    " daddl daemon ddiv ddivl dfma dfmal difftime dirent dirfd div div_t dladdr dladdr1 dlclose dlerror dlinfo dlmopen dlopen dlsym ",
    " dlvsym dmul dmull dprintf drand48 drem dremf dreml dsqrt dsqrtl dsub dsubl dup dup2 dup3 duplocale dysize eaccess ecvt encrypt ",
    " endusershell environ erand48 erf erfc erfcf erfcl erff erfl errno euidaccess execl execle execlp execv execve execveat execvp ",
    " execvpe exit exp exp10 exp10f exp10l exp2 exp2f exp2l expf expl explicit_bzero expm1 expm1f expm1l f32add f32div f32fma f32mul ",
    " f32sqrt f32sub f64add f64div f64fma f64mul f64sqrt f64sub fabs fabsf fabsl faccessat fadd faddl fallocate fchdir fchmod ",
    " fchmodat fchown fchownat fclose fcloseall fcntl fcvt fdatasync fdim fdimf fdiml fdiv fdivl fdopen fdopendir feclearexcept ",
    " fedisableexcept feenableexcept fegetenv fegetexcept fegetexceptflag fegetmode fegetround feholdexcept feof feraiseexcept ",
    " ferror fesetenv fesetexcept fesetexceptflag fesetmode fesetround fetestexcept fetestexceptflag feupdateenv fexecve fflush ffma ",
    " ffmal ffs ffsl ffsll fgetc fgetpos fgets fgetwc fgetws fileno finite finitef finitel flockfile floor floorf floorl fma fmaf ",
    " fmal fmax fmaxf fmaximum fmaximum_mag fmaximum_mag_num fmaximum_mag_numf fmaximum_mag_numl fmaximum_magf fmaximum_magl ",
    " fmaximum_num fmaximum_numf fmaximum_numl fmaximumf fmaximuml fmaxl fmaxmag fmaxmagf fmaxmagl fmemopen fmin fminf fminimum ",
    " fminimum_mag fminimum_mag_num fminimum_mag_numf fminimum_mag_numl fminimum_magf fminimum_magl fminimum_num fminimum_numf ",
    " fminimum_numl fminimumf fminimuml fminl fminmag fminmagf fminmagl fmod fmodf fmodl fmul fmull fnmatch fopen fopencookie fork ",
    " fpathconf fpclassify fprintf fputc fputs fputwc fputws fread free freelocale freopen frexp frexpf frexpl fromfp fromfpf ",
    " fromfpl fromfpx fromfpxf fromfpxl fscanf fseek fseeko fsetpos fsqrt fsqrtl fstat fstatat fsub fsubl fsync ftell ftello ",
    " ftruncate ftrylockfile ftw funlockfile futimens futimes futimesat fwide fwprintf fwrite fwscanf gai_strerror gamma gammaf ",
    " gammal gcvt get_current_dir_name getaddrinfo getc getchar getcpu getcwd getdate getdelim getdirentries getdomainname ",
    " getdtablesize getegid getentropy getenv geteuid getgid getgroups gethostbyname gethostid gethostname getitimer getline ",
    " getloadavg getlogin getopt getpagesize getpass getpayload getpayloadf getpayloadl getpgid getpgrp getpid getppid getpt ",
    " getresgid getresuid getsid getsubopt gettid gettimeofday getuid getumask getusershell getw getwc getwchar getwd glob gmtime ",
    " grantpt group group_member gsignal hcreate hdestroy hsearch hypot hypotf hypotl iconv ilogb ilogbf ilogbl imaxabs imaxdiv ",
    " index initstate insque ioctl isalnum isalpha isascii isatty isblank iscanonical iscntrl isctype isdigit iseqsig isfinite ",
    " isgraph isgreater isgreaterequal isinf isinff isinfl isless islessequal islessgreater islower isnan isnanf isnanl isnormal ",
    " isprint ispunct issignaling isspace issubnormal isunordered isupper iswalnum iswalpha iswblank iswcntrl iswctype iswdigit ",
    " iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit isxdigit iszero itimerval j0 j0f j0l j1 j1f j1l jn jnf jnl ",
    " jrand48 kill kill_dependency killpg l64a labs lchmod lchown lcong48 lconv ldexp ldexpf ldexpl ldiv lfind lgamma lgammaf ",
    " lgammal link linkat listen llabs lldiv llogb llogbf llogbl llrint llrintf llrintl llround llroundf llroundl localeconv ",
    " localtime lockf log log10 log10f log10l log1p log1pf log1pl log2 log2f log2l logb logbf logbl logf logl longjmp lrand48 lrint ",
    " lrintf lrintl lround lroundf lroundl lsearch lseek lstat lutimes madvise main malloc mblen mbrlen mbrtoc8 mbrtowc mbsinit ",
    " mbsnrtowcs mbsrtowcs mbstowcs mbtowc memccpy memchr memcmp memcpy memfd_create memfrob memmem memmove mempcpy memrchr memset ",
    " mincore mkdir mkdirat mkdtemp mkfifo mkfifoat mknod mknodat mkostemp mkostemps mkstemp mkstemps mktemp mktime mlock mlock2 ",
    " mlockall mmap modf modff modfl mprotect mq mrand48 mremap msync mtx munlock munlockall munmap name_to_handle_at nan nanf nanl ",
    " nanosleep nearbyint nearbyintf nearbyintl newlocale nextafter nextafterf nextafterl nextdown nextdownf nextdownl nexttoward ",
    " nexttowardf nexttowardl nextup nextupf nextupl nftw nice nl_langinfo nnc nnrt nrand48 obstack_printf obstack_vprintf offsetof ",
    " on_exit open open_by_handle_at open_memstream open_wmemstream openat opendir openlog passwd pathconf pause pclose perror pipe ",
    " pipe2 pkey_alloc pkey_free pkey_get pkey_mprotect pkey_set png poll popen posix pow pow10 pow10f pow10l powf powl ppoll pread ",
    " printf process_madvise process_mrelease profil pselect psiginfo psignal pthread ptsname putc putchar putenv puts putw putwc ",
    " putwchar pwrite qecvt qfcvt qgcvt qsort quick_exit raise rand random rawmemchr read readahead readdir readlink readlinkat ",
    " realloc reallocarray realpath recv regcomp regexec regfree remainder remainderf remainderl remap_file_pages remove remque ",
    " remquo remquof remquol rename renameat renameat2 revoke rewind rewinddir rindex rint rintf rintl rmdir round roundeven ",
    " roundevenf roundevenl roundf roundl rpmatch sbrk scalb scalbf scalbl scalbln scalblnf scalblnl scalbn scalbnf scalbnl scandir ",
    " scandirat scanf sched secure_getenv seed48 seekdir select sem send setbuf setbuffer setdomainname setegid setenv seteuid ",
    " setgid sethostid sethostname setitimer setjmp setlinebuf setlocale setlogin setns setpayload setpayloadf setpayloadl ",
    " setpayloadsig setpayloadsigf setpayloadsigl setpgid setpgrp setregid setresgid setresuid setreuid setsid setstate settimeofday ",
    " setuid setusershell setvbuf shm shm_open shm_unlink shutdown sigabbrev_np sigaction sigaddset sigaltstack sigandset sigblock ",
    " sigdelset sigdescr_np sigemptyset sigfillset siggetmask sighold sigignore siginterrupt sigisemptyset sigismember siglongjmp ",
    " sigmask signal signbit significand significandf significandl sigorset sigpause sigpending sigprocmask sigqueue sigrelse ",
    " sigreturn sigset sigsetjmp sigsetmask sigstack sigsuspend sigtimedwait sigval sigwait sigwaitinfo sin sincos sincosf sincosl ",
    " sinf sinh sinhf sinhl sinl sleep snprintf socket splice sprintf sqrt sqrtf sqrtl srand srand48 srandom sscanf ssignal stack ",
    " stat statx std stpcpy stpncpy strcasecmp strcasestr strcat strchr strchrnul strcmp strcoll strcpy strcspn strdup strdupa ",
    " strerror strerrordesc_np strerrorname_np strfromd strfromf strfroml strfry strftime strlen strncasecmp strncat strncmp strncpy ",
    " strndup strndupa strnlen strpbrk strptime strrchr strsep strsignal strspn strstr strtod strtof strtoimax strtok strtol strtold ",
    " strtoll strtoq strtoul strtoull strtoumax strtouq strverscmp strxfrm swab swprintf swscanf symlink symlinkat sync ",
    " sync_file_range syncfs syscall sysconf syslog system sysv_signal tan tanf tanh tanhf tanhl tanl tcgetpgrp tcsetpgrp tdelete ",
    " tee telldir tempnam tfind tgamma tgammaf tgammal tgkill thrd time timegm timelocal timer timeradd timerclear timercmp ",
    " timerisset timersub timespec timespec_get timespec_getres timeval tm tmpfile tmpnam toascii tolower totalorder totalorderf ",
    " totalorderl totalordermag totalordermagf totalordermagl toupper towctrans towlower towupper trunc truncate truncf truncl ",
    " tsearch tss ttyname ttyslot twalk tzset ualarm ufromfp ufromfpf ufromfpl ufromfpx ufromfpxf ufromfpxl umask uname ungetc ",
    " ungetwc unlink unlinkat unlockpt unsetenv unshare uselocale usleep utime utimensat utimes va_arg va_copy va_end va_start ",
    " valloc vasprintf vdprintf versionsort vfork vfprintf vfscanf vfwprintf vfwscanf vhangup vmsplice vprintf vscanf vsnprintf ",
    " vsprintf vsscanf vswprintf vswscanf vwprintf vwscanf wait wait3 wait4 waitid waitpid wcpcpy wcpncpy wcrtomb wcscasecmp wcscat ",
    " wcschr wcschrnul wcscmp wcscoll wcscpy wcscspn wcsdup wcsftime wcslen wcsncasecmp wcsncat wcsncmp wcsncpy wcsnlen wcsnrtombs ",
    " wcspbrk wcsrchr wcsrtombs wcsspn wcsstr wcstod wcstof wcstoimax wcstok wcstol wcstold wcstoll wcstombs wcstoq wcstoul wcstoull ",
    " wcstoumax wcstouq wcswcs wcswidth wcsxfrm wctob wctomb wctrans wctype wcwidth wmemchr wmemcmp wmemcpy wmemmove wmempcpy ",
    " wmemset wordexp wprintf write wscanf y0 y0f y0l y1 y1f y1l yn ynf ynl ",
};

bool reserved_listed(const char *const *texts, size_t n, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < n; i++)
        for (const char *at = texts[i]; (at = strstr(at, name)); at++)
            if (at[-1] == ' ' && at[length] == ' ') return true;
    return false;
}
#define LISTED(texts, name) reserved_listed(texts, sizeof texts / sizeof *texts, name)

static bool in_family(const char *name)
{
    for (const char *c = name; *c; c++)
        if (islower((unsigned char)*c)) return false;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strncmp(name, families[i], strlen(families[i])) == 0) return true;
    return false;
}

/* _Bool, __linux__: the compiler's own */
static bool is_compilers(const char *name)
{
    return name[0] == '_' && (name[1] == '_' || isupper((unsigned char)name[1]));
}

bool reserved_word(const char *name)
{
    if (!*name) return false;
    return is_compilers(name) || LISTED(keywords, name) || LISTED(types, name) || LISTED(macros, name) || in_family(name) ||
           strncmp(name, "nnrt", 4) == 0;
}

bool reserved_prefix(const char *name)
{
    size_t n = strlen(name);
    bool type = n > 2 && strcmp(name + n - 2, "_t") == 0, runtime = strncasecmp(name, "nnrt", 4) == 0; /* NNRT_H, nnrt_load */
    return type || runtime || reserved_word(name) || LISTED(functions, name);
}

const char *reserved_base(Arena *arena, const char *name)
{
    size_t n = strlen(name);
    while (n > 1 && name[n - 1] == '_')
        n--;
    return arena_copy(arena, name, n);
}

bool reserved_header(const char *name)
{
    static const char *const headers[] = {
        " assert complex ctype dirent dlfcn errno fcntl fenv float inttypes iso646 limits locale math memory nnrt poll pthread sched ",
        " setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time ",
        " uchar unistd wchar wctype ",
    };
    return LISTED(headers, name);
}
