# SPDX-License-Identifier: MIT
# `nnc fmt` sets indentation and the space between tokens; breaks, comments and columns are the author's.
cat >ugly.nn <<'TEXT'


const  a=f( 1,2 ,-3 )   # first
const bb   =  a*b+a  *  b//2%c@d
option lr:float=2e-4   "rate"
data d{
	x: float[4]    = csv("a", columns=0 .. 4)
	yy:int < 3 >   = csv( "a" , column = 4,labels=true )


  split( train=0.8 )
}
   # a comment alone
layer L( n:int=3, m :int = - 1 ) requires n%2==0{
 param w:float[ n,2 *m ]=normal(0.1)
 layer c[ j,0 ] = Dense(n,-m**2)
    fn forward[ B,*S ]( x:float[B,*S,n] )->float[ B, * S ,size( * S )] {
   y = x[ :, 1 : 2, ..., ::2 , _ ] # é
   z = f(a,
         b,
     c
   )
   q=(a , -b)   ;   r = not a
        # inside
   if a<b{ t = 1 } else{ t=a - -b }
   scan v in x  along 1 with h=zeros( B ),
      g = 2{
       h = h ;emit o=h.x . y
   }
   # at the end
   return [ - 1,2 ]
    } grad surrogate( dy ){ return dy}
}
   

export fn e( x:float ) -> float{ return x }  
TEXT
cat >pretty.nn <<'TEXT'
const a = f(1, 2, -3)   # first
const bb   = a*b+a * b//2%c@d
option lr: float = 2e-4 "rate"
data d {
    x: float[4]    = csv("a", columns=0..4)
    yy: int<3>   = csv("a", column=4, labels=true)

    split(train=0.8)
}
# a comment alone
layer L(n: int = 3, m: int = -1) requires n%2 == 0 {
    param w: float[n, 2 * m] = normal(0.1)
    layer c[j, 0] = Dense(n, -m**2)
    fn forward[B, *S](x: float[B, *S, n]) -> float[B, *S, size(*S)] {
        y = x[:, 1:2, ..., ::2, _] # é
        z = f(a,
              b,
            c
        )
        q = (a, -b); r = not a
        # inside
        if a < b { t = 1 } else { t = a - -b }
        scan v in x along 1 with h = zeros(B),
            g = 2 {
            h = h; emit o = h.x.y
        }
        # at the end
        return [-1, 2]
    } grad surrogate (dy) { return dy }
}

export fn e(x: float) -> float { return x }
TEXT
gives "$(cat pretty.nn)" "$NNC" fmt ugly.nn
gives "$(cat pretty.nn)" "$NNC" fmt pretty.nn
